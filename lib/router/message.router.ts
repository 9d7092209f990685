import { Injectable } from '@nestjs/common';
import type { Connection } from '../connection/connection.js';
import { HeartbeatService } from '../connection/heartbeat.service.js';
import { PendingRequests } from '../connection/pending-requests.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { FrameContext } from '../gateway/frame-context.js';
import type { Handler } from '../gateway/handler.table.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode } from '../protocol/close-codes.js';
import {
  isEnvelopeProblem,
  readEnvelope,
  type Envelope,
  type EnvelopeProblem,
} from '../protocol/envelope.js';
import type { JsonObject } from '../protocol/json.js';
import { CommandTable } from './commands/command.table.js';
import { HandlerInvoker } from './handler.invoker.js';
import { Responder } from './responder.js';
import type { Session } from './session.js';

/** Brings every message of a client to its verb or handler, in order, and sees that it is answered once. */
@Injectable()
export class MessageRouter {
  constructor(
    private readonly options: ResolvedOptions,
    private readonly commands: CommandTable,
    private readonly invoker: HandlerInvoker,
    private readonly responder: Responder,
    private readonly heartbeat: HeartbeatService,
    private readonly questions: PendingRequests,
    private readonly clock: Clock,
  ) {}

  /** Takes one text message. Never throws. */
  receive(session: Session, text: string): void {
    this.accept(session, readEnvelope(text, this.options.limits));
  }

  /** Takes a message whose envelope has been read. Never throws. */
  accept(session: Session, envelope: Envelope | EnvelopeProblem): void {
    const { connection } = session;
    if (!connection.isOpen) return;
    const now = this.clock.now();
    connection.lastSeen = now;
    const beat = !isEnvelopeProblem(envelope) && !envelope.native && envelope.type === 'heartbeat';
    this.heartbeat.message(connection, beat);
    if (this.isResponse(session, envelope)) {
      this.questions.answer(connection, envelope.frame);
      return;
    }
    const wait = session.bucket.take(now);
    if (wait > 0) {
      const error = new HauynaError('rate_limited', messages.rateLimited(wait), {
        details: { retryAfter: wait },
      });
      const known = isEnvelopeProblem(envelope) ? undefined : envelope;
      this.responder.fail(connection, known, error, envelope.id);
      return;
    }
    if (isEnvelopeProblem(envelope)) this.refuse(session, envelope);
    else if (beat && !session.table.has('heartbeat')) this.beat(session, envelope, now);
    else if (!session.inbox.push(envelope)) {
      const { inFlight } = this.options.limits;
      this.responder.fail(connection, envelope, new HauynaError('unavailable', messages.queueFull(inFlight)));
    }
  }

  /** Handles one message; the inbox calls it when the turn of the message has come. Never rejects. */
  async handle(session: Session, envelope: Envelope): Promise<void> {
    if (envelope.id !== undefined && isContinued(session)) return;
    try {
      if (!this.isNew(session, envelope)) return;
      const command = session.builtIn && !envelope.native ? this.commands.get(envelope.type) : undefined;
      if (command === undefined) {
        await this.custom(session, envelope);
        return;
      }
      const { data, after } = await command({
        session,
        envelope,
        body: bodyOf(envelope),
      });
      try {
        this.responder.acknowledge(session.connection, envelope, data);
      } finally {
        after?.();
      }
    } catch (error) {
      this.responder.fail(session.connection, envelope, error);
    }
  }

  /**
   * An answer to a question of the server. It does not wait its turn: the handler whose turn it is may be waiting for it.
   */
  private isResponse({ connection }: Session, envelope: Envelope | EnvelopeProblem): envelope is Envelope {
    return connection.dialect.name === 'v1' && !isEnvelopeProblem(envelope) && envelope.type === 'response';
  }

  /** Whether a request has to be carried out: one that is repeated within a session is answered only. */
  private isNew({ connection }: Session, { id, type, native, frame }: Envelope): boolean {
    if (connection.session === null || id === undefined || native || REPEATABLE.has(type)) return true;
    return connection.session.answers.begin(id, frame, connection);
  }

  private async custom(session: Session, envelope: Envelope): Promise<void> {
    const handler = session.table.message(envelope.type);
    if (handler === undefined) {
      // Plain Nest gateways have always let messages for nobody pass in silence.
      if (!session.builtIn && envelope.native && envelope.id === undefined) return;
      this.fault(session, new HauynaError('unknown_type', messages.unknownType(envelope.type)), envelope);
      return;
    }
    const { connection } = session;
    const data = envelope.native ? envelope.frame['data'] : bodyOf(envelope);
    const context = new FrameContext(connection, envelope.type, { id: envelope.id });
    const ack = new Acknowledger(this.responder, connection, envelope);
    if (handler.native || handler.route.stream === true) {
      await this.stream(session, handler, envelope, data, context, ack);
      return;
    }
    const outcome = await this.invoker.invoke(
      session,
      handler,
      data,
      context,
      handler.manualAck ? ack.call : undefined,
    );
    if (!outcome.ok) ack.fail(outcome.error);
    else if (!handler.manualAck) ack.answer(outcome.value);
  }

  private async stream(
    session: Session,
    handler: Handler,
    envelope: Envelope,
    data: unknown,
    context: FrameContext,
    ack: Acknowledger,
  ): Promise<void> {
    const { connection } = session;
    if (session.streamCount >= this.options.limits.inFlight) {
      throw new HauynaError('limit_exceeded', messages.tooManyStreams(this.options.limits.inFlight));
    }
    const plain = handler.native;
    const sink = {
      item: (value: unknown): void => {
        // With an id, the one value of a plain gateway is the answer itself.
        if (!(plain && envelope.id !== undefined)) this.responder.item(connection, envelope, value);
      },
      done: (last: unknown): void => {
        if (!handler.manualAck) ack.end(plain ? (last ?? undefined) : undefined);
      },
      failed: (error: unknown, told: boolean): void => {
        // Nest's own filter has spoken already; only who asked with an id still waits.
        if (!told || envelope.id !== undefined) ack.fail(error);
      },
    };
    await this.invoker.stream(
      session,
      handler,
      data,
      context,
      sink,
      handler.manualAck ? ack.call : undefined,
    );
  }

  private beat(session: Session, envelope: Envelope, now: number): void {
    const { connection } = session;
    if (envelope.id !== undefined) this.responder.acknowledge(connection, envelope);
    else if (connection.dialect.name === 'v1') connection.sendFrame({ type: 'heartbeat', timestamp: now });
  }

  private refuse(session: Session, problem: EnvelopeProblem): void {
    const { type, message, issues, id } = problem;
    this.fault(
      session,
      new HauynaError(type, message, issues === undefined ? {} : { details: issues }),
      undefined,
      id,
    );
  }

  /** A message nobody can make sense of. Too many of them, and the client is not worth listening to. */
  private fault(
    session: Session,
    error: HauynaError,
    envelope: Envelope | undefined,
    id?: EnvelopeProblem['id'],
  ): void {
    const { connection } = session;
    this.responder.fail(connection, envelope, error, id);
    if (session.fault(this.clock.now())) {
      connection.close(CloseCode.tooManyErrors, 'too many faulty messages');
    }
  }
}

/** Requests that may be carried out again without harm; the answer of the first time would be out of date. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'subscribe_channel',
  'unsubscribe_channel',
  'presence_update',
  'history',
  'heartbeat',
  'refresh',
]);

/** Whether the client has gone on with another connection: requests that are not begun yet it repeats there. */
function isContinued({ connection }: Session): boolean {
  return connection.session !== null && connection.session.connectionId !== connection.id;
}

/** Sees to it that a request is answered once, whoever answers first. */
class Acknowledger {
  private answered = false;

  constructor(
    private readonly responder: Responder,
    private readonly connection: Connection,
    private readonly envelope: Envelope,
  ) {}

  /** Given to the method as `@Ack()`. */
  get call(): (value?: unknown) => void {
    return (value) => this.answer(value);
  }

  answer(value: unknown): void {
    if (this.first()) this.responder.answer(this.connection, this.envelope, value);
  }

  end(value: unknown): void {
    if (this.first()) this.responder.acknowledge(this.connection, this.envelope, value);
  }

  fail(error: unknown): void {
    if (this.first()) this.responder.fail(this.connection, this.envelope, error);
  }

  private first(): boolean {
    const first = !this.answered;
    this.answered = true;
    return first;
  }
}

/** The frame without what belongs to the envelope. */
function bodyOf({ frame }: Envelope): JsonObject {
  const { type: _type, id: _id, ...body } = frame;
  return body;
}
