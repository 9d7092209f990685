import { Injectable } from '@nestjs/common';
import type { Connection } from '../connection/connection.js';
import { EncodedFrame } from '../connection/encoded-frame.js';
import type { Envelope } from '../protocol/envelope.js';
import type { AckFrame, RequestId } from '../protocol/server-frames.js';
import { ErrorReply } from './error-reply.js';

/** Sends the answers of requests: one `ack` or one error for every `id`, and nothing twice. */
@Injectable()
export class Responder {
  constructor(private readonly errors: ErrorReply) {}

  /** A request of a built-in verb has succeeded. Without an `id` there is nothing to say. */
  acknowledge(connection: Connection, envelope: Envelope, data?: unknown): void {
    if (envelope.id === undefined) return;
    this.send(connection, envelope, ackFrame(envelope.id, data));
  }

  /** A message of the application has been handled; its answer goes out even without an `id`, bare. */
  answer(connection: Connection, envelope: Envelope, value: unknown): void {
    if (envelope.id !== undefined) this.send(connection, envelope, ackFrame(envelope.id, value));
    else this.push(connection, envelope, value);
  }

  /** One item of a stream. @throws when it has no JSON form */
  item(connection: Connection, envelope: Envelope, value: unknown): void {
    if (envelope.id === undefined) this.write(connection, envelope, value);
    else connection.sendFrame({ type: 'item', id: envelope.id, data: value });
  }

  /** A request has failed, or a message without an `id` has. */
  fail(connection: Connection, envelope: Envelope | undefined, error: unknown, id?: RequestId): void {
    const requestId = envelope?.id ?? id;
    if (envelope?.native === true) {
      connection.sendFrame({
        type: 'raw',
        data: this.errors.exception(error, requestId),
      });
      return;
    }
    const frame = new EncodedFrame(this.errors.frame(error, requestId));
    connection.deliver(frame);
    if (envelope?.id !== undefined) connection.session?.answers.settle(envelope.frame, frame);
  }

  private push(connection: Connection, envelope: Envelope, value: unknown): void {
    try {
      this.write(connection, envelope, value);
    } catch (error) {
      this.fail(connection, envelope, error);
    }
  }

  /** A value that answers nothing: as it is to who sent `{event, data}`, as a message to everybody else. */
  private write(connection: Connection, envelope: Envelope, value: unknown): void {
    if (value === undefined || (envelope.native && value === null)) return;
    if (envelope.native) connection.sendFrame({ type: 'raw', data: value });
    else connection.send(value);
  }

  /** Values of the application may have no JSON form; then the request has failed after all. */
  private send(connection: Connection, envelope: Envelope, ack: AckFrame): void {
    const frame = new EncodedFrame(ack);
    try {
      connection.deliver(frame);
      connection.session?.answers.settle(envelope.frame, frame);
    } catch (error) {
      this.fail(connection, envelope, error);
    }
  }
}

function ackFrame(id: RequestId, data: unknown): AckFrame {
  return data === undefined ? { type: 'ack', id } : { type: 'ack', id, data };
}
