import { AppError } from '@forecourt/errors';
import fc from 'fast-check';
import type { Deps } from '../src/deps.ts';
import { captureHold, expiring, placeHold, releaseHold } from '../src/hold/service.ts';
import { refundTransfer } from '../src/ledger/refund.ts';
import { post } from '../src/ledger/service.ts';
import { chargeWallet } from '../src/wallet/service.ts';
import { readWalletOf } from '../src/wallet/store.ts';
import { anId } from './builders.ts';
import type { Command, Outcome } from './model.ts';

const letters = ['a', 'b'] as const;
const who = fc.constantFrom(...letters);
const key = fc.constantFrom('k', 'l', 'm', 'n');
const some = fc.bigInt(1n, 6n);

/** Few customers and keys, and little money: so that commands meet. */
export const aCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fund' as const), key, who, amount: fc.bigInt(4n, 12n) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('charge' as const), key, who, amount: some }) },
  {
    weight: 4,
    arbitrary: fc
      .record({ do: fc.constant('place' as const), key, who, amount: some, atLeast: some, overdue: fc.boolean() })
      .filter(({ amount, atLeast }) => atLeast <= amount),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('capture' as const), key, amount: fc.bigInt(0n, 6n) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('refund' as const), key, of: key, amount: some }) },
);

/** Customers and keys of one sequence of commands, which nobody else has. */
export interface Cast {
  readonly customers: Readonly<Record<string, string>>;
  readonly name: string;
}

export const aCast = (): Cast => {
  const customers = Object.fromEntries(letters.map((letter) => [letter, anId()]));
  return { customers, name: `cast-${customers.a}` };
};

type Money = { balance: bigint; available: bigint };
const moneyOf = ({ balance, available }: Money) => ({ balance, available });

/** Does it for real, and says what came of it in the model's words. */
export async function act(deps: Deps, { customers, name }: Cast, command: Command): Promise<Outcome> {
  const customerOf = (letter: string) => customers[letter] as string;
  const key = `${name}-${command.key}`;
  const reference = 'the thing';
  try {
    switch (command.do) {
      case 'fund':
        return await fund(deps, { key, customerId: customerOf(command.who), amount: command.amount, reference });
      case 'charge': {
        const { who, amount } = command;
        return moneyOf(
          await chargeWallet(deps, { key, customerId: customerOf(who), amount, reference, revenue: 'goods' }),
        );
      }
      case 'place': {
        const { who, amount, atLeast, overdue } = command;
        const expiresAt = new Date(deps.clock().getTime() + (overdue ? 0 : 60_000));
        const wish = { key, customerId: customerOf(who), amount, atLeast, reference, expiresAt };
        const placed = await placeHold(deps, wish);
        return { amount: placed.amount, status: placed.status, ...moneyOf(placed) };
      }
      case 'capture': {
        const captured = await captureHold(deps, { key, amount: command.amount, revenue: 'charging' });
        return { captured: captured.captured, released: captured.released, ...moneyOf(captured) };
      }
      case 'release':
        return await releaseHold(deps, key);
      case 'expire':
        return { expires: await deps.ledger.act(expiring(key)) };
      case 'refund': {
        const of = { key: `${name}-${command.of}` };
        return moneyOf(await refundTransfer(deps, { key, of, amount: command.amount, reason: 'a test' }));
      }
    }
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

const fund = (
  { database, clock, currency }: Deps,
  { key, customerId, amount, reference }: { key: string; customerId: string; amount: bigint; reference: string },
): Promise<Money> =>
  database.transaction(async (tx) => {
    const legs = [
      { account: { kind: 'clearing', owner: 'test' } as const, amount: -amount },
      { account: { kind: 'wallet', owner: customerId } as const, amount },
    ];
    await post(tx, { key, kind: 'replenishment', legs, reference, currency, at: clock() });
    return readWalletOf(tx, customerId, currency);
  });
