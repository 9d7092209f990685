import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { HauynaGateway } from '../../lib/index.js';
import { start } from './start.js';

@WebSocketGateway({ path: '/plain' })
class PlainGateway {
  @SubscribeMessage('ping')
  ping(): object {
    return { event: 'pong' };
  }
}

@WebSocketGateway({ path: '/both' })
class BesideGateway {}

@HauynaGateway({ path: '/both' })
class OwnGateway {}

const begin = () => start({ providers: [PlainGateway, BesideGateway, OwnGateway] });

describe('hauyna.v1.json', () => {
  it('is not promised on a path of plain gateways only: a client would wait for its welcome for ever', async () => {
    const app = await begin();
    const protocol = ['hauyna.v1.json', 'chat', 'hauyna.token.eA'];
    const client = await app.connect('/plain', { protocol });
    expect(client.protocol).toBe('chat');
    client.send({ event: 'ping' });
    expect(await client.next()).toEqual({ event: 'pong' });
    await expect(app.connect('/plain', { protocol: 'v1', token: 'x' })).rejects.toThrow(/subprotocol/);
  });

  it('is spoken where plain gateways share a path with ours', async () => {
    const app = await begin();
    const client = await app.connect('/both', { protocol: 'v1' });
    expect(client.protocol).toBe('hauyna.v1.json');
    await client.next('welcome');
  });
});
