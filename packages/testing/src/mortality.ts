import type { SqlTx } from '@forecourt/messaging';
import type { Database } from '@forecourt/service-kit';

class Killed extends Error {}

/**
 * A process that is killed at its n-th point: before or after something that others see of it. From then on it does nothing
 * at all; a transaction that it had open is rolled back, as Postgres does when a connection breaks.
 */
export interface Mortality {
  /** Those that it has come to, by name. */
  readonly points: readonly string[];
  readonly isDead: () => boolean;
  /** It comes to a point, and goes on or dies; the dead come to none. */
  pass(name: string): void;
  /** These calls of others have a point before and one after. */
  calls<Name extends string, Asked extends Record<Name, Call>>(asked: Asked, ...names: readonly Name[]): Asked;
  /**
   * So have statements and transactions, and within transactions statements have theirs as well: what is written past the
   * transaction stays. `transactions: 'whole'`: they have none, for work of which that is known.
   */
  database(database: Database, options?: { transactions: 'whole' }): Database;
}

type Call = (...args: never[]) => PromiseLike<unknown>;

/** `dieAt` counts from 1; without it nobody dies. */
export function mortality(dieAt = Number.POSITIVE_INFINITY): Mortality {
  const points: string[] = [];
  let dead = false;
  const pass = (name: string) => {
    if (!dead) points.push(name);
    dead ||= points.length === dieAt;
    if (dead) throw new Killed(name);
  };
  const survive = async <T>(name: string, work: () => PromiseLike<T>): Promise<T> => {
    pass(`before ${name}`);
    const result = await work();
    pass(`after ${name}`);
    return result;
  };
  const statements = (db: SqlTx): SqlTx => ({
    $executeRaw: (strings, ...values) => survive(beginningOf(strings), () => db.$executeRaw(strings, ...values)),
    $queryRaw: <T>(strings: TemplateStringsArray, ...values: unknown[]) =>
      survive(beginningOf(strings), () => db.$queryRaw<T>(strings, ...values)),
  });
  return {
    points,
    isDead: () => dead,
    pass,
    calls: (asked, ...names) => {
      const mortal = names.map((name) => [name, (...args: never[]) => survive(name, () => asked[name](...args))]);
      return { ...asked, ...Object.fromEntries(mortal) };
    },
    database: (database, options) => ({
      ...database,
      ...statements(database),
      transaction: (work) =>
        survive('COMMIT', () => database.transaction(options ? work : (tx) => work(statements(tx)))),
    }),
  };
}

const beginningOf = (strings: TemplateStringsArray) =>
  (strings[0] ?? '').trim().split(/\s+/).slice(0, 3).join(' ') || 'a statement';

/** After one thing and before the next is the same death. Counted from 1. */
export const deathsAmong = (points: readonly string[]): number[] =>
  points.flatMap((name, index) => {
    const isTwice = name.startsWith('after ') && points[index + 1]?.startsWith('before ');
    return isTwice ? [] : [index + 1];
  });
