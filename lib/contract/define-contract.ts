import type { Leaf } from './leaf.js';

/** A contract made of classes and Standard Schemas. */
export interface ContractDefinition {
  channels?: Record<
    string,
    { publish?: Record<string, Leaf>; events?: Record<string, Leaf>; presence?: Leaf }
  >;
  requests?: Record<string, { data?: Leaf; result?: Leaf }>;
}

/**
 * A contract made of the very schemas and classes the server validates with. Returns what it is given.
 *
 * ```ts
 * export const say = z.object({ text: z.string() });
 * export const chat = defineContract({
 *   channels: { 'room:{id}': { publish: { message: say }, presence: z.object({ name: z.string() }) } },
 *   requests: { move: { data: MoveDto, result: Board } },
 * });
 * export type Chat = typeof chat;
 * ```
 *
 * The client is then `createClient<Chat>('/chat')`, the server's side `channels.typed<Chat>()`, and a handler takes
 * `@MessageBody({ schema: say })`.
 */
export function defineContract<C extends ContractDefinition>(contract: C): C {
  return contract;
}
