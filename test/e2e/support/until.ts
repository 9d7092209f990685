/** Waits for something that leaves no frame to wait for. @param deadline ms, only reached by a test that fails */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'the condition',
  deadline = 3000,
): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It did not happen in ${deadline} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets everything that is ready run, a few turns of the event loop long. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
