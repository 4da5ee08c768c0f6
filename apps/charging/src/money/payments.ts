import { captureHold, chargeWallet, placeHold, readWallet, refundTransfer, releaseHold } from '@forecourt/contracts';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';

export interface HoldWish {
  readonly key: string;
  readonly customerId: string;
  readonly amount: bigint;
  readonly atLeast: bigint;
  readonly reference: string;
  readonly expiresAt: Date;
}

export interface ChargeWish {
  readonly key: string;
  readonly customerId: string;
  readonly amount: bigint;
  readonly reference: string;
}

export interface RefundWish {
  readonly key: string;
  /** Of the hold that was captured, or of the charge. */
  readonly of: string;
  readonly amount: bigint;
  readonly reason: string;
}

/**
 * What payments does for sessions. Each wish has a key, and may be repeated for as long as nobody knows what came of it.
 * What throws is one of these: nobody knows. A refusal is a value.
 */
export interface Payments {
  /** What is held by now; null: the wallet has too little. */
  place(wish: HoldWish): Promise<{ amount: bigint; ended: boolean } | null>;
  /** false: nothing is held any more under this key. */
  capture(wish: { key: string; amount: bigint }): Promise<boolean>;
  release(key: string): Promise<void>;
  /** false: the wallet has too little. */
  charge(wish: ChargeWish): Promise<boolean>;
  /** false: it took less than that, or gave it back already. */
  refund(wish: RefundWish): Promise<boolean>;
  available(customerId: string): Promise<bigint>;
}

const timeoutMs = 5_000;
const revenue = 'charging';

export const paymentsOver = (nats: Nats): Payments => ({
  place: async (wish) => {
    const held = await unless(['insufficient_balance'], ask(nats, placeHold, wish, { timeoutMs }));
    return held && { amount: held.amount, ended: held.status !== 'placed' };
  },
  capture: async ({ key, amount }) => {
    const wish = { key, amount, revenue } as const;
    return (await unless(['hold_ended', 'hold_not_found'], ask(nats, captureHold, wish, { timeoutMs }))) !== null;
  },
  release: async (key) => {
    await ask(nats, releaseHold, { key }, { timeoutMs });
  },
  charge: async (wish) => {
    const asked = ask(nats, chargeWallet, { ...wish, revenue }, { timeoutMs });
    return (await unless(['insufficient_balance'], asked)) !== null;
  },
  refund: async (wish) => {
    const asked = ask(nats, refundTransfer, wish, { timeoutMs });
    return (await unless(['refund_exceeds_transfer', 'transfer_not_found'], asked)) !== null;
  },
  available: async (customerId) => (await ask(nats, readWallet, { customerId }, { timeoutMs })).available,
});

/** null for these refusals; all others are nobody's plan. */
async function unless<T>(refusals: readonly ErrorCode[], asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AppError && refusals.includes(error.code)) return null;
    throw error;
  }
}
