export { defineContract } from './define-contract.js';
export type { ContractDefinition } from './define-contract.js';
export type {
  AnyChannel,
  AnyContract,
  BroadcastsOf,
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
} from './contract.js';
export type { InputOf, OutputOf, Wire } from './leaf.js';
