import 'reflect-metadata';
import { createServer } from 'node:http';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { WebSocketServer, type WebSocket } from 'ws';
import { EchoDto, RULES } from './echo.dto.js';
import { queryOf, type Peer } from './peer.js';

interface Frame {
  type: string;
  id: number;
  body: unknown;
}

/** `ws` alone, with the loop everybody writes by hand. */
export async function start(): Promise<Peer> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, maxPayload: 65_536 });
  const room = new Set<WebSocket>();
  const users = new Map<WebSocket, string | null>();
  sockets.on('connection', (socket, request) => {
    const query = queryOf(request.url);
    users.set(socket, query.get('user_id'));
    if (query.has('channel')) room.add(socket);
    socket.on('message', (data) => void answer(socket, JSON.parse((data as Buffer).toString()) as Frame));
    socket.on('close', () => {
      users.delete(socket);
      room.delete(socket);
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    server,
    publish(data) {
      const text = JSON.stringify(data);
      for (const socket of room) socket.send(text);
    },
  };
}

async function answer(socket: WebSocket, { type, id, body }: Frame): Promise<void> {
  if (type === 'echo') {
    socket.send(JSON.stringify({ id, data: body }));
    return;
  }
  const dto = plainToInstance(EchoDto, body);
  const errors = await validate(dto, RULES);
  socket.send(JSON.stringify(errors.length === 0 ? { id, data: dto } : { id, error: errors.map(String) }));
}
