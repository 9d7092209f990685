export { useChannel, useConnectionState, useEvent, useHistory, usePresence } from './hooks.js';
export type { HistoryViewOptions } from './hooks.js';
export type { ChannelView } from './shared-channel.js';
export type { Message, Messages } from './message-log.js';
