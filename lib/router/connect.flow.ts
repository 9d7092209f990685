import { Injectable } from '@nestjs/common';
import { SubscriptionManager } from '../channels/subscription.manager.js';
import { SubscriptionIndex } from '../delivery/subscription.index.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { FrameContext } from '../gateway/frame-context.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import type { Envelope } from '../protocol/envelope.js';
import { SubscriptionCommands } from './commands/subscription.commands.js';
import { decided } from './commands/decide.js';
import { closeCodeFor, ErrorReply } from './error-reply.js';
import { HandlerInvoker } from './handler.invoker.js';
import type { Session } from './session.js';

/**
 * What happens between the opening of a connection and its first message: subscriptions its URL asks for, plain
 * `handleConnection` hooks, `@OnConnect`, and what the server had subscribed its predecessor to. Messages wait until all of
 * it is done.
 */
@Injectable()
export class ConnectFlow {
  constructor(
    private readonly options: ResolvedOptions,
    private readonly invoker: HandlerInvoker,
    private readonly subscriptions: SubscriptionCommands,
    private readonly manager: SubscriptionManager,
    private readonly index: SubscriptionIndex,
    private readonly errors: ErrorReply,
  ) {}

  /** @returns when it is done, nothing if it is done already; never rejects, a connection that is refused is closed */
  run(session: Session): Promise<void> | undefined {
    if (this.isSomethingToDo(session)) return this.prepare(session);
    session.inbox.release();
    return undefined;
  }

  /** Most connections have nothing to wait for, and waiting for nothing is a good part of their price. */
  private isSomethingToDo({ builtIn, connection, opening, table }: Session): boolean {
    if (opening !== undefined || table.connects.length > 0) return true;
    if (connection.session !== null && connection.session.channels.size > 0) return true;
    return (
      builtIn && this.options.channels.autoSubscribe.some((name) => Object.hasOwn(connection.query, name))
    );
  }

  private async prepare(session: Session): Promise<void> {
    try {
      if (session.builtIn) await this.subscribeByQuery(session);
      const hooks = await Promise.all(session.opening ?? []);
      if (hooks.includes(false)) throw new Error('handleConnection failed');
      for (const handler of session.table.connects) {
        if (!session.connection.isOpen) return;
        const context = new FrameContext(session.connection, 'connect');
        const query = { ...session.connection.query };
        decided(await this.invoker.invoke(session, handler, query, context));
      }
      await this.restore(session);
      session.inbox.release();
    } catch (error) {
      this.refuse(session, error);
    }
  }

  /** What the server had done for the connection this one continues, unless it has done it again. */
  private async restore({ connection }: Session): Promise<void> {
    const { session } = connection;
    for (const [channel, { metadata, presence }] of session?.channels ?? []) {
      if (!connection.isOpen) return;
      if (this.index.get(connection, channel) === undefined) {
        try {
          const { release } = await this.manager.join(channel, connection, metadata, undefined, { presence });
          release();
        } catch (error) {
          // One too many, because others were made meanwhile, is no reason to refuse the connection.
          connection.sendFrame(this.errors.frame(error));
        }
      }
      session?.channels.delete(channel);
    }
  }

  private async subscribeByQuery(session: Session): Promise<void> {
    const { connection } = session;
    for (const name of this.options.channels.autoSubscribe) {
      const channel = Object.hasOwn(connection.query, name) ? connection.query[name] : undefined;
      if (channel === undefined || channel === '' || !connection.isOpen) continue;
      const frame = { type: 'subscribe_channel', channel };
      const envelope: Envelope = { type: frame.type, id: undefined, native: false, frame };
      try {
        const { after } = await this.subscriptions.subscribe({ session, envelope, body: { channel } });
        after?.();
      } catch (error) {
        // A channel the client may not have is no reason to refuse it the connection.
        connection.sendFrame(this.errors.frame(error));
      }
    }
  }

  private refuse({ connection }: Session, error: unknown): void {
    const frame = this.errors.frame(error);
    if (HauynaError.is(error) && error.message === messages.forbidden()) {
      frame.message = 'The connection is not allowed.';
    }
    connection.sendFrame(frame);
    connection.close(closeCodeFor(frame), frame.message);
  }
}
