import { type Mortality, mortality } from '@forecourt/testing';
import type { Deps } from '../src/deps.ts';
import { withDatabase } from './club.ts';

export interface Mortal extends Pick<Mortality, 'points' | 'isDead'> {
  readonly deps: Deps;
}

/** A process that is killed at its n-th point: before or after a statement, a commit or a question. */
export function mortal(deps: Deps, dieAt?: number): Mortal {
  const { points, isDead, calls, database } = mortality(dieAt);
  return {
    points,
    isDead,
    deps: {
      ...withDatabase(deps, database(deps.database)),
      payments: calls(deps.payments, 'charge', 'giveBack', 'available'),
      customers: calls(deps.customers, 'find', 'numberOf', 'enrol', 'sendCode'),
    },
  };
}
