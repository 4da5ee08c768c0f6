import { chargeWallet, readWallet, refundTransfer } from '@forecourt/contracts';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';

export interface ChargeWish {
  readonly key: string;
  readonly customerId: string;
  readonly amount: bigint;
  readonly reference: string;
}

/** unclear: the key has done something else, and never will do this. */
export type ChargeAnswer = 'taken' | 'too-little' | 'unclear';
export type ReturnAnswer = 'returned' | 'never-taken' | 'unclear';

export interface ReturnWish {
  readonly key: string;
  /** Of the charge. */
  readonly of: string;
  readonly amount: bigint;
  readonly reason: string;
}

/**
 * What payments does for subscriptions. A wish has a key, and may be repeated for as long as nobody knows what came of it.
 * What throws is one of these: nobody knows. What will be so tomorrow, too, is a value.
 */
export interface Payments {
  charge(wish: ChargeWish): Promise<ChargeAnswer>;
  giveBack(wish: ReturnWish): Promise<ReturnAnswer>;
  /** What may be spent of it. */
  available(customerId: string): Promise<bigint>;
}

const timeoutMs = 5_000;
const revenue = 'subscriptions';

export const paymentsOver = (nats: () => Nats): Payments => ({
  charge: (wish) =>
    answerTo(ask(nats(), chargeWallet, { ...wish, revenue }, { timeoutMs }), 'taken', {
      insufficient_balance: 'too-little',
      transfer_key_reused: 'unclear',
    }),
  giveBack: (wish) =>
    answerTo(ask(nats(), refundTransfer, wish, { timeoutMs }), 'returned', {
      transfer_not_found: 'never-taken',
      refund_exceeds_transfer: 'unclear',
      transfer_key_reused: 'unclear',
    }),
  available: async (customerId) => (await ask(nats(), readWallet, { customerId }, { timeoutMs })).available,
});

/** All other refusals are nobody's plan. */
async function answerTo<T>(asked: Promise<unknown>, done: T, refusals: Partial<Record<ErrorCode, T>>): Promise<T> {
  try {
    await asked;
    return done;
  } catch (error) {
    const refusal = error instanceof AppError ? refusals[error.code] : undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
}
