import { type Mortality, mortality } from '@forecourt/testing';
import type { Deps } from '../src/deps.ts';
import type { PaymentProvider } from '../src/provider/provider.ts';

export interface Mortal extends Pick<Mortality, 'points' | 'isDead'> {
  readonly deps: Deps;
}

/** A process that is killed at its n-th point: before or after a statement, a commit or a call of the provider. */
export function mortal(deps: Deps, dieAt?: number): Mortal {
  const { points, isDead, pass, calls, database } = mortality(dieAt);
  async function* listPayments(...args: Parameters<PaymentProvider['listPayments']>) {
    pass('before listPayments');
    for await (const payment of deps.provider.listPayments(...args)) {
      yield payment;
      pass('after a listed payment');
    }
  }
  return {
    points,
    isDead,
    deps: {
      ...deps,
      database: database(deps.database),
      provider: {
        ...calls(deps.provider, 'makeInvoice', 'findPayments', 'findPayment', 'cancelInvoice'),
        listPayments,
      },
    },
  };
}
