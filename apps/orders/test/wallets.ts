import { AppError } from '@forecourt/errors';
import type { ChargeAnswer, Payments, ReturnAnswer } from '../src/money/payments.ts';

/** away: nobody is asked. lost: it is done, and nobody hears of it. */
export type Mishap = 'away' | 'lost';
type Call = 'charge' | 'give-back' | 'available';

export interface Wallets extends Payments {
  fund(customerId: string, amount: bigint): void;
  balance(customerId: string): bigint;
  /** What was taken under each key. */
  readonly charges: ReadonlyMap<string, { readonly customerId: string; readonly amount: bigint }>;
  /** What was given back of each of them. */
  readonly returns: ReadonlyMap<string, bigint>;
  readonly calls: readonly { readonly call: Call; readonly key: string }[];
  misbehave: (call: Call, key: string) => Mishap | Promise<Mishap | undefined> | undefined;
}

/** Payments as its contract has it, without a process: a key does one thing once, and says again what it did. */
export function createWallets(): Wallets {
  const balances = new Map<string, bigint>();
  const charges = new Map<string, { customerId: string; amount: bigint }>();
  const returns = new Map<string, bigint>();
  const calls: { call: Call; key: string }[] = [];
  const balance = (customerId: string) => balances.get(customerId) ?? 0n;

  const called = async <T>(call: Call, key: string, work: () => T): Promise<T> => {
    calls.push({ call, key });
    const mishap = await self.misbehave(call, key);
    if (mishap === 'away') throw new AppError('service_unavailable', 'Payments is away.');
    const outcome = work();
    if (mishap === 'lost') throw new AppError('upstream_timeout', 'The answer did not come in time.');
    return outcome;
  };

  const self: Wallets = {
    charges,
    returns,
    calls,
    misbehave: () => undefined,
    fund: (customerId, amount) => void balances.set(customerId, balance(customerId) + amount),
    balance,
    charge: ({ key, customerId, amount }) =>
      called('charge', key, (): ChargeAnswer => {
        const known = charges.get(key);
        if (known && (known.customerId !== customerId || known.amount !== amount)) return 'unclear';
        if (known) return 'taken';
        if (balance(customerId) < amount) return 'too-little';
        charges.set(key, { customerId, amount });
        balances.set(customerId, balance(customerId) - amount);
        return 'taken';
      }),
    giveBack: ({ key, of, amount }) =>
      called('give-back', key, (): ReturnAnswer => {
        const charge = charges.get(of);
        if (!charge) return 'never-taken';
        if (returns.has(of)) return 'returned';
        if (amount > charge.amount) return 'unclear';
        returns.set(of, amount);
        balances.set(charge.customerId, balance(charge.customerId) + amount);
        return 'returned';
      }),
    available: (customerId) => called('available', customerId, () => balance(customerId)),
  };
  return self;
}
