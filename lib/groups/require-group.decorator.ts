import {
  Injectable,
  UseGuards,
  applyDecorators,
  mixin,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { Connection } from '../connection/connection.js';
import { connectionOf } from '../connection/connection-of.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { GroupService } from './group.service.js';

/**
 * Lets only members of a group through: on a gateway method or class, and on HTTP controllers whose authentication has put a
 * user on the request (`request.user.userId`, `id` or `sub`). Everybody else gets `forbidden`, anonymous connections always.
 *
 * ```ts
 * @OnMessage('clear_room')
 * @RequireGroup('moderators')
 * clear() {}
 * ```
 *
 * @param groups membership in any one of them is enough
 */
export function RequireGroup(...groups: [string, ...string[]]): ClassDecorator & MethodDecorator {
  return applyDecorators(UseGuards(groupGuard(groups)));
}

function groupGuard(groups: readonly string[]): Type<CanActivate> {
  @Injectable()
  class GroupGuard implements CanActivate {
    constructor(private readonly service: GroupService) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const userId = userOf(context);
      for (const group of groups) if (await this.service.has(userId, group)) return true;
      // For HTTP and plain gateways Nest has a text of its own, and filters that know no other errors.
      if (!(context.switchToWs().getClient() instanceof Connection)) return false;
      throw new HauynaError('forbidden', messages.members(groups));
    }
  }
  return mixin(GroupGuard);
}

function userOf(context: ExecutionContext): string | null {
  if (context.getType() === 'ws') {
    return connectionOf(context.switchToWs().getClient())?.userId ?? null;
  }
  const { user } = context.switchToHttp().getRequest<{ user?: Record<string, unknown> }>();
  const id = user?.['userId'] ?? user?.['id'] ?? user?.['sub'];
  return typeof id === 'string' ? id : null;
}
