/** How a person is called: by the presence they have, else by their id. */
export function nameOf(session, user) {
  if (user === null || user === undefined) return '?';
  return session.people.get(user)?.name ?? user.charAt(0).toUpperCase() + user.slice(1);
}

export const isBot = (user) => user === 'bot';
