/**
 * Calls `leave` at the first Ctrl-C or SIGTERM, or when the launcher above us is gone, and `atOnce` at the second. One
 * Ctrl-C may reach us twice, from the terminal and through npm, so what follows at its heels counts as the same.
 */
export function onInterrupt(leave: () => void, atOnce: () => void): void {
  let firstAt: number | undefined;
  const heard = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      leave();
    } else if (performance.now() - firstAt > 700) {
      atOnce();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  process.on('disconnect', heard);
  // Listening to the launcher must not keep us alive.
  process.channel?.unref();
}
