import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConnectionService, HauynaWsAdapter } from '@hauyna/nestjs';
import { Durable } from './durable.js';
import { FaultyNetwork } from './lab/faulty-network.js';

/** Runs the Nest application, and runs it anew when the button "Server restart" is pressed. */
export class Playground {
  readonly durable = new Durable();
  readonly network = new FaultyNetwork();
  private app: INestApplication | undefined;
  private restarting: Promise<void> | undefined;
  private stopped = false;

  /** @param module makes the module of the application, for every start */
  constructor(private readonly module: (playground: Playground) => DynamicModule) {}

  /** @returns the port; with `PORT=0` nobody knows it before */
  async start(port: number): Promise<number> {
    const app = await NestFactory.create(this.module(this), { logger: ['error', 'warn'] });
    app.useWebSocketAdapter(app.get(HauynaWsAdapter));
    const server = app.getHttpServer() as Server;
    this.network.stretchOver(server);
    await app.listen(port);
    this.app = app;
    return (server.address() as AddressInfo).port;
  }

  /** Closes everything as a deployment does, leaves the port empty for a while, and comes back on it. */
  restart(pause: number): Promise<void> {
    this.restarting ??= this.closeAndStart(pause).finally(() => (this.restarting = undefined));
    return this.restarting;
  }

  /** `app.close()` tells every client to come back later. @returns how many there were */
  async stop(): Promise<number> {
    this.stopped = true;
    await this.restarting;
    const clients = (await this.app?.get(ConnectionService).count()) ?? 0;
    await this.app?.close();
    await this.durable.broker.close();
    return clients;
  }

  private async closeAndStart(pause: number): Promise<void> {
    const app = this.app as INestApplication;
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    await app.close();
    this.app = undefined;
    await wait(pause);
    if (!this.stopped) await this.start(port);
  }
}
