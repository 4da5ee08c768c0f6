/** What was asked over a connection that broke is never answered: no use in waiting for the time-out. */
export async function unlessBroken<T>(line: AbortSignal, answer: Promise<T>): Promise<T> {
  const { promise: broken, reject } = Promise.withResolvers<never>();
  const onBroken = () => reject(line.reason);
  line.addEventListener('abort', onBroken);
  if (line.aborted) onBroken();
  try {
    return await Promise.race([answer, broken]);
  } finally {
    line.removeEventListener('abort', onBroken);
  }
}
