import type { CloseCode } from '../protocol/close-codes.js';

type Codes = typeof CloseCode;

// One by one, because a bundle of the client would carry the whole table otherwise.
export const NORMAL: Codes['normal'] = 1000;
export const BAD_REQUEST: Codes['badRequest'] = 4000;
export const UNAUTHORIZED: Codes['unauthorized'] = 4001;
export const FORCE_RECONNECT: Codes['forceReconnect'] = 4201;
export const PING_TIMEOUT: Codes['pingTimeout'] = 4203;
