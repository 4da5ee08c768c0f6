import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../src/deps.ts';
import { withDatabase } from './club.ts';

class Killed extends Error {}

export interface Mortal {
  readonly deps: Deps;
  /** The points at which it could have died so far: before and after each statement, commit and question. */
  readonly points: readonly string[];
  readonly isDead: () => boolean;
}

/**
 * A process that is killed at its n-th point. From then on it does nothing at all; a transaction that it had open is rolled
 * back, as Postgres does when a connection breaks.
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

  const { database, payments, customers } = deps;
  const own = withDatabase(deps, {
    ...database,
    ...statements(database),
    transaction: (work) => survive('COMMIT', () => database.transaction((tx) => work(statements(tx)))),
  });
  return {
    points,
    isDead: () => dead,
    deps: {
      ...own,
      payments: {
        charge: (wish) => survive('charge', () => payments.charge(wish)),
        giveBack: (wish) => survive('a return', () => payments.giveBack(wish)),
        available: (customerId) => survive('available', () => payments.available(customerId)),
      },
      customers: {
        find: (which) => survive('find', () => customers.find(which)),
        numberOf: (customerId) => survive('a number', () => customers.numberOf(customerId)),
        enrol: (guest) => survive('enrol', () => customers.enrol(guest)),
        sendCode: (wish) => survive('a code', () => customers.sendCode(wish)),
      },
    },
  };
}
