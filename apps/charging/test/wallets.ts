import { AppError } from '@forecourt/errors';
import type { Payments } from '../src/money/payments.ts';

type Call = 'place' | 'capture' | 'release' | 'charge' | 'refund' | 'available';
/** away: nobody is asked. lost: it is done, and nobody hears of it. */
export type Mishap = 'away' | 'lost';

interface Held {
  readonly customerId: string | null;
  readonly amount: bigint;
  readonly status: 'placed' | 'captured' | 'released';
  readonly captured: bigint;
}

export interface Wallets extends Payments {
  fund(customerId: string, amount: bigint): void;
  balance(customerId: string): bigint;
  held(customerId: string): bigint;
  /** What was taken in all, by the session that it was taken for. */
  readonly revenue: ReadonlyMap<string, bigint>;
  readonly holds: ReadonlyMap<string, Held>;
  readonly calls: readonly { call: Call; key: string }[];
  misbehave: (call: Call, key: string) => Mishap | Promise<Mishap | undefined> | undefined;
  /** All that is wrong with the books. */
  mistakes(): string[];
}

/** Payments as its contract has it, without a process: a key does one thing once, and says again what it did. */
export function createWallets(): Wallets {
  const balances = new Map<string, bigint>();
  const funded = new Map<string, bigint>();
  const holds = new Map<string, Held>();
  const charges = new Map<string, { customerId: string; amount: bigint }>();
  const refunds = new Map<string, { of: string; amount: bigint }>();
  const revenue = new Map<string, bigint>();
  const calls: { call: Call; key: string }[] = [];

  const balance = (customerId: string) => balances.get(customerId) ?? 0n;
  const held = (customerId: string) =>
    [...holds.values()].reduce(
      (sum, hold) => (hold.customerId === customerId && hold.status === 'placed' ? sum + hold.amount : sum),
      0n,
    );
  const available = (customerId: string) => balance(customerId) - held(customerId);
  const take = (customerId: string, amount: bigint, key: string) => {
    balances.set(customerId, balance(customerId) - amount);
    const session = key.split(':').slice(0, 2).join(':');
    revenue.set(session, (revenue.get(session) ?? 0n) + amount);
  };

  const called = async <T>(call: Call, key: string, work: () => T): Promise<T> => {
    calls.push({ call, key });
    const mishap = await self.misbehave(call, key);
    if (mishap === 'away') throw new AppError('service_unavailable', 'Payments is away.');
    const outcome = work();
    if (mishap === 'lost') throw new AppError('upstream_timeout', 'The answer did not come in time.');
    return outcome;
  };

  const self: Wallets = {
    revenue,
    holds,
    calls,
    misbehave: () => undefined,
    fund: (customerId, amount) => {
      balances.set(customerId, balance(customerId) + amount);
      funded.set(customerId, (funded.get(customerId) ?? 0n) + amount);
    },
    balance,
    held,
    place: ({ key, customerId, amount, atLeast }) =>
      called('place', key, () => {
        const known = holds.get(key);
        if (known) {
          const fits =
            known.customerId === null ||
            (known.customerId === customerId && known.amount <= amount && known.amount >= atLeast);
          if (!fits) throw new AppError('transfer_key_reused', `${key} was another wish.`);
          return { amount: known.amount, ended: known.status !== 'placed' };
        }
        const free = available(customerId);
        // biome-ignore lint/complexity/useMathMinMax: it knows no bigint
        const placed = free < amount ? free : amount;
        if (placed < atLeast || placed <= 0n) return null;
        holds.set(key, { customerId, amount: placed, status: 'placed', captured: 0n });
        return { amount: placed, ended: false };
      }),
    capture: ({ key, amount }) =>
      called('capture', key, () => {
        const known = holds.get(key);
        if (!known?.customerId || known.status === 'released') return false;
        if (known.status === 'captured') return known.captured === amount;
        if (amount > known.amount) throw new AppError('capture_exceeds_hold', 'That is more than what is held.');
        holds.set(key, { ...known, status: 'captured', captured: amount });
        take(known.customerId, amount, key);
        return true;
      }),
    release: (key) =>
      called('release', key, () => {
        const known = holds.get(key);
        if (known?.status === 'captured') throw new AppError('hold_ended', `${key} was captured.`);
        holds.set(
          key,
          known ? { ...known, status: 'released' } : { customerId: null, amount: 0n, status: 'released', captured: 0n },
        );
      }),
    charge: ({ key, customerId, amount }) =>
      called('charge', key, () => {
        const known = charges.get(key);
        if (known && (known.customerId !== customerId || known.amount !== amount)) {
          throw new AppError('transfer_key_reused', `${key} was another wish.`);
        }
        if (known) return true;
        if (available(customerId) < amount) return false;
        charges.set(key, { customerId, amount });
        take(customerId, amount, key);
        return true;
      }),
    refund: ({ key, of, amount }) =>
      called('refund', key, () => {
        const known = refunds.get(key);
        if (known && (known.of !== of || known.amount !== amount)) {
          throw new AppError('transfer_key_reused', `${key} was another wish.`);
        }
        if (known) return true;
        const hold = holds.get(of);
        const customerId = hold?.customerId ?? charges.get(of)?.customerId;
        const taken = hold?.captured ?? charges.get(of)?.amount ?? 0n;
        const given = [...refunds.values()].reduce((sum, refund) => (refund.of === of ? sum + refund.amount : sum), 0n);
        if (!customerId || given + amount > taken) return false;
        refunds.set(key, { of, amount });
        take(customerId, -amount, of);
        return true;
      }),
    available: (customerId) => called('available', customerId, () => available(customerId)),
    mistakes: () => {
      const total = (amounts: Iterable<bigint>) => [...amounts].reduce((sum, amount) => sum + amount, 0n);
      const wrong = total(funded.values()) - total(balances.values()) - total(revenue.values());
      return [
        ...(wrong === 0n ? [] : [`${wrong} is nowhere`]),
        ...[...balances].flatMap(([who, amount]) => (amount < 0n ? [`${who} has ${amount}`] : [])),
        ...[...holds].flatMap(([key, { status }]) => (status === 'placed' ? [`${key} is still held`] : [])),
      ];
    },
  };
  return self;
}
