import { type Mortality, mortality } from '@forecourt/testing';
import type { Deps } from '../src/deps.ts';
import { createMeter } from '../src/session/metering.ts';

export interface Mortal extends Pick<Mortality, 'points' | 'isDead'> {
  readonly deps: Deps;
}

/** A process that is killed at its n-th point: before or after a transaction, a statement or a question. */
export function mortal(deps: Deps, dieAt?: number): Mortal {
  const { points, isDead, calls, database } = mortality(dieAt);
  const mortalDeps: Deps = {
    ...deps,
    database: database(deps.database, { transactions: 'whole' }),
    payments: calls(deps.payments, 'place', 'capture', 'release', 'charge', 'refund', 'available'),
    lines: calls(deps.lines, 'ask'),
  };
  return { points, isDead, deps: { ...mortalDeps, meter: createMeter(mortalDeps) } };
}
