import { Injectable } from '@nestjs/common';
import { CredentialWatch } from '../../connection/credential.watch.js';
import { RefreshDto } from '../../dto/frame.dto.js';
import { validateFrame } from '../../dto/validate-frame.js';
import { HauynaError } from '../../errors/hauyna.error.js';
import { messages } from '../../errors/messages.js';
import { Clock } from '../../protocol/clock.js';
import { CredentialVerifier } from '../credential.verifier.js';
import type { CommandRequest, CommandResult } from './command.js';

/** `refresh`: new credentials for an open connection. They are decided on as the first ones were. */
@Injectable()
export class RefreshCommand {
  constructor(
    private readonly verifier: CredentialVerifier,
    private readonly watch: CredentialWatch,
    private readonly clock: Clock,
  ) {}

  async refresh({ session, body }: CommandRequest): Promise<CommandResult> {
    const { token } = await validateFrame(RefreshDto, body);
    const { connection } = session;
    const identity = await this.verifier.verify(connection, token);
    if ((identity?.userId ?? null) !== connection.userId) {
      throw new HauynaError('forbidden', messages.otherUser());
    }
    const expiresAt = identity?.expiresAt ?? null;
    this.watch.renew(connection, expiresAt);
    return {
      data: expiresAt === null ? {} : { expiresIn: Math.max(0, expiresAt - this.clock.now()) },
    };
  }
}
