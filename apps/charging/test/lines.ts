import { newUuid } from '@forecourt/service-kit';
import type { Deps } from '../src/deps.ts';
import type { Carried, Wish } from '../src/station/wish.ts';

/** Stations behind sockets that nobody holds: what they are asked is noted, and answered as a test says. */
export interface PretendedLines {
  readonly lines: Deps['lines'];
  readonly asked: { stationId: string; wish: Wish }[];
  readonly sentAway: { stationId: string; reason: string }[];
  /** From now on; `accepted` until told. */
  answer(outcome: Carried['outcome'] | ((wish: Wish) => Promise<Carried>), answer?: unknown): void;
}

export function pretendLines(): PretendedLines {
  const asked: PretendedLines['asked'] = [];
  const sentAway: PretendedLines['sentAway'] = [];
  let respond = async (_wish: Wish): Promise<Carried> => ({ outcome: 'accepted', answer: null });
  const unused = (): never => {
    throw new Error('this station has no socket');
  };
  return {
    asked,
    sentAway,
    answer: (outcome, answer = null) => {
      respond = typeof outcome === 'string' ? async () => ({ outcome, answer }) : outcome;
    },
    lines: {
      instance: newUuid(),
      metrics: { commanded: () => {} } as unknown as Deps['lines']['metrics'],
      doors: new Map(),
      size: 0,
      find: () => undefined,
      all: unused,
      atWork: () => undefined,
      add: unused,
      remove: unused,
      receive: unused,
      ask: (_holder, { stationId, wish }) => {
        asked.push({ stationId, wish });
        return respond(wish);
      },
      disconnect: async (_holder, stationId, reason) => {
        sentAway.push({ stationId, reason });
      },
    },
  };
}
