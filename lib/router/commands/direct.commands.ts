import { Injectable } from '@nestjs/common';
import { ConnectionService } from '../../connection/connection.service.js';
import { BroadcastDto, GroupDto, PrivateDto } from '../../dto/frame.dto.js';
import { validatedForm } from '../../dto/hauyna-validation.pipe.js';
import { validateFrame } from '../../dto/validate-frame.js';
import { HauynaError } from '../../errors/hauyna.error.js';
import { messages } from '../../errors/messages.js';
import { requireClientName } from '../../errors/require-name.js';
import { FrameContext } from '../../gateway/frame-context.js';
import { GroupService } from '../../groups/group.service.js';
import { ResolvedOptions } from '../../options/resolved-options.js';
import type { JsonObject } from '../../protocol/json.js';
import { HandlerInvoker } from '../handler.invoker.js';
import type { CommandRequest, CommandResult } from './command.js';
import { decided, deliverable } from './decide.js';

/** `broadcast`, `private` and `group`: messages of clients to each other. */
@Injectable()
export class DirectCommands {
  constructor(
    private readonly connections: ConnectionService,
    private readonly groups: GroupService,
    private readonly invoker: HandlerInvoker,
    private readonly options: ResolvedOptions,
  ) {}

  async broadcast(request: CommandRequest): Promise<CommandResult> {
    await validateFrame(BroadcastDto, request.body);
    const message = await this.decide('broadcast', request, request.body);
    await this.connections.broadcast(message, {}, sender(request));
    return {};
  }

  async private(request: CommandRequest): Promise<CommandResult> {
    const frame = await validateFrame(PrivateDto, request.body);
    const to = frame.to ?? frame.recipient;
    requireClientName('recipient', to);
    const message = await this.decide('private', request, { to, message: request.body['message'] ?? null });
    await this.connections.sendToUser(to, message, sender(request));
    return {};
  }

  async group(request: CommandRequest): Promise<CommandResult> {
    const frame = await validateFrame(GroupDto, request.body);
    const room = frame.room ?? frame.group;
    requireClientName('group', room);
    const message = await this.decide('group', request, { room, message: request.body['message'] ?? null });
    await this.groups.send(room, message, {}, sender(request));
    return {};
  }

  private async decide(
    kind: 'broadcast' | 'private' | 'group',
    { session, envelope }: CommandRequest,
    body: JsonObject,
  ): Promise<unknown> {
    const handler = session.table.direct(kind);
    const message = body['message'];
    if (handler === undefined) {
      if (this.options.clientMessages === 'open') return message;
      throw new HauynaError('forbidden', messages.forbidden());
    }
    const context = new FrameContext(session.connection, envelope.type, { id: envelope.id });
    const value = decided(await this.invoker.invoke(session, handler, body, context));
    const validated = validatedForm(body) as { message?: unknown };
    return deliverable(value, validated.message);
  }
}

function sender({ session }: CommandRequest): { userId: string | null } {
  return { userId: session.connection.userId };
}
