import type { readRunningSession } from '@forecourt/contracts';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';

export type RunningDevice = NonNullable<z.output<typeof readRunningSession.reply>['device']>;

/** Where a customer charges now, as charging knows it. Nobody is kept from their account while that does not answer. */
export async function runningDeviceOf(
  { askForRunningSession, log }: Pick<Deps, 'askForRunningSession' | 'log'>,
  customerId: string,
): Promise<RunningDevice | null> {
  try {
    return (await askForRunningSession(customerId)).device;
  } catch (error) {
    log.debug({ err: error, customerId }, 'charging does not answer: no running session is shown');
    return null;
  }
}
