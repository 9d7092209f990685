import { GroupStore } from '../broker/group-store.js';
import type { PresenceQuery } from '../broker/presence-store.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { isJsonObject, type JsonObject } from '../protocol/json.js';

/** What users are asked for: metadata keys with their values; `channel` and `group` are contexts. */
export type PresenceCriteria = JsonObject;

/**
 * The query behind criteria.
 *
 * @throws HauynaError `validation_error` when they are no object, or a context is no name
 */
export async function toQuery(criteria: PresenceCriteria, groups: GroupStore): Promise<PresenceQuery> {
  if (!isJsonObject(criteria)) {
    throw new HauynaError('validation_error', 'The criteria must be an object of metadata keys and values.');
  }
  const { channel, group, ...rest } = criteria;
  const query: PresenceQuery = { criteria: rest };
  if (channel !== undefined) query.channel = requireText('channel', channel);
  if (group !== undefined) {
    const name = requireText('group', group);
    query.group = { name, members: await groups.members(name) };
  }
  return query;
}

function requireText(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new HauynaError('validation_error', messages.badName(field, 'must be text'), {
    details: [{ path: field, messages: ['must be text'] }],
  });
}
