import { databaseLack } from './database-refusals.ts';
import type { Logger } from './log.ts';

export interface Leaving {
  log: Logger;
  /** Finishes what is in hand; called once. */
  leave(): Promise<void>;
}

const hardStopMs = 25_000;
/** After a bug nothing can be relied on: what cannot be closed by then stays open. */
const crashStopMs = 3_000;

/** From now on a signal ends the process in order, a second one at once, and a bug that nobody caught with exit code 1. */
export function leaveOnSignal({ log, leave }: Leaving): void {
  let leaving = false;

  const end = async (exitCode: number, withinMs: number) => {
    leaving = true;
    setTimeout(() => {
      log.error('closing took too long');
      process.exit(1);
    }, withinMs).unref();
    try {
      await leave();
      log.info('closed');
    } catch (error) {
      log.error({ err: error }, 'closing failed');
    }
    process.exit(exitCode);
  };

  const onSignal = (signal: NodeJS.Signals) => {
    if (leaving) process.exit(1);
    log.info({ signal }, 'closing');
    void end(0, hardStopMs);
  };
  const onBug = (error: unknown) => {
    log.fatal({ err: error }, 'a bug ends this process');
    if (!leaving) void end(1, crashStopMs);
  };

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
}

/**
 * Until the start is over, which the function that comes back says, whatever stops it ends the process with one line and
 * exit code 1. What the database lacks is said in words; all else comes with its stack, within that line.
 */
export function endFailedStart(service: string, log: Logger): () => void {
  const onFailure = (error: unknown) => {
    const lack = databaseLack(error);
    if (lack) log.error(`${service} cannot start: its database ${lack}`);
    else log.error({ err: error }, `${service} cannot start`);
    process.exit(1);
  };
  process.on('uncaughtException', onFailure);
  process.on('unhandledRejection', onFailure);
  return () => void process.off('uncaughtException', onFailure).off('unhandledRejection', onFailure);
}
