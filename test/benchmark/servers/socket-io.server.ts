import 'reflect-metadata';
import { createServer } from 'node:http';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { Server } from 'socket.io';
import { EchoDto, RULES } from './echo.dto.js';
import type { Peer } from './peer.js';

type Acknowledge = (answer: unknown) => void;

/** Socket.IO alone, by its WebSocket transport. */
export async function start(): Promise<Peer> {
  const server = createServer();
  // The load generator does not answer Socket.IO's own pings; none come while it runs.
  const io = new Server(server, { transports: ['websocket'], pingInterval: 300_000, serveClient: false });
  io.use((socket, next) => {
    socket.data = { userId: socket.handshake.query['user_id'] };
    next();
  });
  io.on('connection', (socket) => {
    if (socket.handshake.query['channel'] !== undefined) void socket.join('room');
    socket.on('echo', (body: unknown, ack: Acknowledge) => ack({ data: body }));
    socket.on('echo_dto', async (body: unknown, ack: Acknowledge) => {
      const dto = plainToInstance(EchoDto, body);
      const errors = await validate(dto, RULES);
      ack(errors.length === 0 ? { data: dto } : { error: errors.map(String) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return { server, publish: (data) => io.to('room').emit('message', data) };
}
