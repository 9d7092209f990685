/**
 * @typedef {object} PeerDefinition
 * @property {string} name how the tables name it
 * @property {string} server file in `servers/`
 * @property {string} path of the upgrade request; the query follows
 * @property {string} [protocol] WebSocket subprotocol
 * @property {boolean} [socketIo] whether a Socket.IO handshake follows the upgrade
 * @property {(type: string, id: number, body: object) => string} request text of one request
 * @property {string[]} scenarios
 */

const ALL = ['fan-out', 'echo', 'connections'];
const SOCKET_IO_PATH = '/socket.io/?EIO=4&transport=websocket&';

const custom = (type, id, body) => JSON.stringify({ type, id, body });
const nest = (event, id, data) => JSON.stringify({ event, id, data });
const socketIo = (event, id, data) => `42${id}${JSON.stringify([event, data])}`;
const hauyna = (type, id, body) => JSON.stringify({ type, id, ...body });

/** @type {PeerDefinition[]} */
export const PEERS = [
  { name: 'ws', server: 'ws', path: '/?', request: custom, scenarios: ALL },
  { name: 'Nest WsAdapter', server: 'nest-ws', path: '/?', request: nest, scenarios: ALL },
  {
    name: 'Socket.IO',
    server: 'socket-io',
    path: SOCKET_IO_PATH,
    socketIo: true,
    request: socketIo,
    scenarios: ALL,
  },
  {
    name: 'Nest + Socket.IO',
    server: 'nest-socket-io',
    path: SOCKET_IO_PATH,
    socketIo: true,
    request: socketIo,
    scenarios: ALL,
  },
  { name: 'Hauyna (plain)', server: 'hauyna', path: '/?', request: hauyna, scenarios: ALL },
  {
    name: 'Hauyna (v1)',
    server: 'hauyna',
    path: '/?',
    protocol: 'hauyna.v1.json',
    request: hauyna,
    scenarios: ALL,
  },
  {
    name: 'Hauyna (Nest gateway)',
    server: 'hauyna',
    path: '/nest?',
    request: nest,
    scenarios: ['echo', 'connections'],
  },
];

/** Every ratio is taken to these two. */
export const YARDSTICKS = ['ws', 'Nest WsAdapter'];
