/** Texts of the errors, as functions, so that tests and code speak of the same ones. */
export const messages = {
  notSerialisable: (what: string): string =>
    `${what} cannot be sent: it has no JSON form. Send plain objects, arrays, text, numbers, booleans or null.`,
  badName: (what: string, problem: string): string => `The ${what} ${problem}.`,
  reservedName: (what: string): string => `The ${what} begins with "$", which is reserved for the server.`,
  notSubscribed: (channel: string): string =>
    `This connection is not subscribed to "${channel}". Send subscribe_channel first.`,
  unknownType: (type: string): string => `No handler is registered for "${type}".`,
  forbidden: (): string => 'Not allowed.',
  internal: (): string => 'The server could not handle the message.',
  tooManySubscriptions: (max: number): string =>
    `A connection may have at most ${max} subscriptions. Unsubscribe from a channel first.`,
  metadataTooLarge: (max: number): string => `The metadata must be at most ${max} bytes of JSON.`,
  metadataNotObject: (): string => 'The metadata must be a JSON object.',
  reservedMetadata: (key: string): string => `The metadata key "${key}" is set by the server. Leave it out.`,
  anonymousPresence: (): string => 'An anonymous connection has no presence. Connect as a user.',
  notPresent: (): string => 'Your presence has ended. Subscribe to a channel first.',
  cannotBeAsked: (): string => 'Only clients that speak hauyna.v1.json can be asked.',
  tooManyQuestions: (max: number): string => `More than ${max} requests wait for an answer of this client.`,
  noAnswer: (event: string, ms: number): string => `The client did not answer "${event}" within ${ms} ms.`,
  nothingToRefresh: (): string => 'The credentials of this connection do not run out.',
  expired: (): string => 'The credentials have expired. Get new ones.',
  otherUser: (): string => 'The new credentials belong to another user.',
  connectionGone: (id: string): string => `There is no open connection "${id}".`,
  subscriptionEnded: (channel: string): string =>
    `The subscription to "${channel}" was ended while it was being made. Subscribe again if you want it.`,
  rateLimited: (retryAfter: number): string => `Too many messages. Try again in ${retryAfter} ms.`,
  queueFull: (max: number): string =>
    `More than ${max} messages are waiting to be handled. Send it again when the others have been answered.`,
  tooManyStreams: (max: number): string =>
    `${max} streams are open on this connection. Wait until one of them has ended.`,
  members: (groups: readonly string[]): string => {
    const names = groups.map((group) => `"${group}"`);
    return names.length === 1
      ? `This is for members of the group ${names[0]}.`
      : `This is for members of one of the groups ${names.join(', ')}.`;
  },
};
