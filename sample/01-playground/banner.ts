/** What `npm start` prints. */
export function banner(port: number): string {
  const host = `localhost:${port}`;
  return `
  Hauyna playground   http://${host}
  Who is in general   http://${host}/presence?channel=general
  Raw WebSocket       ws://${host}/chat?user_id=123&room=general

  Ctrl-C stops it and tells every client.
`;
}
