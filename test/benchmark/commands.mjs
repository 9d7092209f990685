/** Answers the commands of the parent process: `{ id, name, args }` with `{ id, value }` or `{ id, error }`. */
export function answerCommands(commands) {
  process.on('message', async ({ id, name, args }) => {
    try {
      process.send({ id, value: await commands[name](args) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ ready: true });
}
