import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../src/deps.ts';
import type { Payments } from '../src/money/payments.ts';
import { createMeter } from '../src/session/metering.ts';

class Killed extends Error {}

export interface Mortal {
  readonly deps: Deps;
  /** The points at which it could have died so far: before and after each transaction, statement and question. */
  readonly points: readonly string[];
  readonly isDead: () => boolean;
}

/**
 * A process that is killed at its n-th point. From then on it does nothing at all. Within a transaction all points are as
 * good as the one before it, since Postgres rolls back what a broken connection leaves open.
 */
export function mortal(deps: Deps, dieAt = Number.POSITIVE_INFINITY): Mortal {
  const points: string[] = [];
  let dead = false;
  const pass = (name: string) => {
    if (dead) throw new Killed(name);
    points.push(name);
    if (points.length === dieAt) dead = true;
    if (dead) throw new Killed(name);
  };
  const survive = async <T>(name: string, work: () => PromiseLike<T>): Promise<T> => {
    pass(`before ${name}`);
    const result = await work();
    pass(`after ${name}`);
    return result;
  };
  const named = (strings: TemplateStringsArray) =>
    (strings[0] ?? '').trim().split(/\s+/).slice(0, 3).join(' ') || 'a statement';
  const statements = (db: SqlTx): SqlTx => ({
    $executeRaw: (strings, ...values) => survive(named(strings), () => db.$executeRaw(strings, ...values)),
    $queryRaw: <T>(strings: TemplateStringsArray, ...values: unknown[]) =>
      survive(named(strings), () => db.$queryRaw<T>(strings, ...values)),
  });

  const { payments, lines } = deps;
  const asking = (name: keyof Payments) =>
    ((...args: unknown[]) =>
      survive(name, () => (payments[name] as (...args: unknown[]) => Promise<unknown>)(...args))) as never;
  const mortalDeps: Deps = {
    ...deps,
    database: {
      ...deps.database,
      ...statements(deps.database),
      transaction: (work) => survive('a transaction', () => deps.database.transaction(work)),
    },
    payments: {
      place: asking('place'),
      capture: asking('capture'),
      release: asking('release'),
      charge: asking('charge'),
      refund: asking('refund'),
      available: asking('available'),
    },
    lines: { ...lines, ask: (...args) => survive(args[1].wish.action, () => lines.ask(...args)) },
  };
  return { points, isDead: () => dead, deps: { ...mortalDeps, meter: createMeter(mortalDeps) } };
}
