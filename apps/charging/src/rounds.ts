import { type Background, repeat } from '@forecourt/service-kit';
import type { Deps } from './deps.ts';
import { followLines } from './device/service.ts';
import { askAgain } from './refund/service.ts';
import { endReservations } from './reservation/service.ts';

const everyMs = 2_000;

/** What becomes true by the passing of time alone. Every process looks; what one has done the others find done. */
export const startRounds = (deps: Deps): Record<string, Background> => {
  const { log, wrote } = deps;
  const telling = (work: () => Promise<boolean>) => async () => {
    const more = await work();
    wrote();
    return more;
  };
  return {
    lines: repeat({ name: 'lines', everyMs, work: telling(() => followLines(deps)), log }),
    refunds: repeat({ name: 'refunds', everyMs: 15_000, work: () => askAgain(deps), log }),
    reservations: repeat({ name: 'reservations', everyMs, work: () => endReservations(deps), log }),
  };
};
