import { WebSocketGateway } from '@nestjs/websockets';
import { enhance } from './enhance.js';
import type { GatewayConfig, HauynaGatewayOptions } from './gateway.config.js';
import { GATEWAY_CONFIG } from './metadata-keys.js';

/**
 * Marks a class as a gateway: its methods answer the connections that open on `path`. Several gateways may serve
 * one path; each connection then belongs to all of them.
 *
 * ```ts
 * @HauynaGateway({ path: '/chat' })
 * export class ChatGateway {
 *   @OnConnect()
 *   welcome(@ConnectedSocket() client: Connection) {}
 * }
 * ```
 *
 * @throws Error at boot when `path` does not begin with `/` or `port` is not a port
 */
export function HauynaGateway(options: HauynaGatewayOptions = {}): ClassDecorator {
  return (target) => {
    const config: GatewayConfig = {
      path: options.path ?? '/',
      port: options.port ?? 0,
      heartbeat: options.heartbeat,
    };
    Reflect.defineMetadata(GATEWAY_CONFIG, config, target);
    // Nest makes one server per path. A path of its own for every class, which no URL can have,
    // makes it ask the adapter for each of them, so the adapter knows whose connections it hands out.
    const marker = { path: `${config.path}#${target.name}#${nextNumber()}`, [GATEWAY_CONFIG]: target };
    WebSocketGateway(config.port, marker)(target);
    enhance(target);
  };
}

/** Only makes the marker of each class different; carries no state between applications. */
const nextNumber = (() => {
  let number = 0;
  return () => ++number;
})();
