import { type Background, repeat } from '@forecourt/service-kit';
import type { Deps } from './deps.ts';
import { expireHolds } from './hold/service.ts';
import { forgetAgain } from './person/service.ts';
import { verifyNightly } from './verification/service.ts';

const second = 1_000;
const hour = 3_600 * second;

/** What nobody asks for. What is missed while no process runs is found by the next round. */
export const startRounds = (deps: Deps): Record<string, Background> => {
  const { log } = deps;
  return {
    'holds past their time': repeat({
      name: 'holds past their time',
      everyMs: 5 * second,
      work: () => expireHolds(deps),
      log,
    }),
    verification: repeat({ name: 'verification', everyMs: hour / 4, work: () => verifyNightly(deps), log }),
    'the forgotten': repeat({ name: 'the forgotten', everyMs: hour, work: () => forgetAgain(deps), log }),
  };
};
