import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../src/deps.ts';
import type { PaymentProvider } from '../src/provider/provider.ts';

export class Killed extends Error {}

export interface Mortal {
  readonly deps: Deps;
  /** The points at which it could have died so far: before and after each statement, commit and call of the provider. */
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
  const { database, provider } = deps;
  const calls = (name: 'makeInvoice' | 'findPayments' | 'findPayment' | 'cancelInvoice') =>
    ((...args: unknown[]) =>
      survive(name, () => (provider[name] as (...args: unknown[]) => Promise<unknown>)(...args))) as never;

  return {
    points,
    isDead: () => dead,
    deps: {
      ...deps,
      database: {
        ...database,
        ...statements(database),
        transaction: (work) => survive('COMMIT', () => database.transaction((tx) => work(statements(tx)))),
      },
      provider: {
        ...provider,
        makeInvoice: calls('makeInvoice'),
        findPayments: calls('findPayments'),
        findPayment: calls('findPayment'),
        cancelInvoice: calls('cancelInvoice'),
        listPayments: async function* (...args: Parameters<PaymentProvider['listPayments']>) {
          pass('before listPayments');
          for await (const payment of provider.listPayments(...args)) {
            yield payment;
            pass('after a listed payment');
          }
        },
      } satisfies PaymentProvider,
    },
  };
}
