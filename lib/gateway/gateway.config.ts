import type { HeartbeatOptions } from '../options/hauyna.options.js';

/** Options of `@HauynaGateway`. */
export interface HauynaGatewayOptions {
  /** Path of the upgrade request, in the syntax of Nest's controllers: `/rooms/:roomId/chat`. @default '/' */
  path?: string;
  /** A port of its own instead of the application's HTTP server. */
  port?: number;
  /** Server pings of this gateway's connections, or `false` for none. @default the application's */
  heartbeat?: HeartbeatOptions | false;
}

/** What the decorator leaves on the class. */
export interface GatewayConfig {
  path: string;
  port: number;
  heartbeat: HeartbeatOptions | false | undefined;
}
