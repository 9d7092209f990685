// The contract belongs to server and client alike; the client knows its types only.
export type {
  AnyChannel,
  AnyContract,
  ChannelContract,
  ChannelName,
  ChannelOf,
  Contract,
  EventsOf,
  InferContract,
  PresenceOf,
  PublishOf,
  RequestData,
  RequestName,
  RequestResult,
} from '../contract/contract.js';
