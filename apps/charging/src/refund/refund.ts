import { AppError } from '@forecourt/errors';
import type { Portion } from '../money/money.ts';

/** A part of a refund: of one portion that a purchase was paid from. */
export interface RefundPart {
  /** Of the portion. */
  readonly n: number;
  readonly amount: bigint;
}

/** Given back, or about to be. */
export interface Given extends RefundPart {
  readonly status: 'asked' | 'done' | 'refused';
}

/** Takes a refund from what was paid, the oldest portion first. Refuses `refund_exceeds_transfer`. */
export function divideRefund(portions: readonly Portion[], given: readonly Given[], amount: bigint): RefundPart[] {
  let left = amount;
  const parts = portions.flatMap(({ n, captured }) => {
    const free = captured - given.reduce((sum, part) => (part.n === n ? sum + worth(part) : sum), 0n);
    // biome-ignore lint/complexity/useMathMinMax: it knows no bigint
    const part = left < free ? left : free;
    if (part <= 0n) return [];
    left -= part;
    return [{ n, amount: part }];
  });
  if (left > 0n) throw new AppError('refund_exceeds_transfer', 'That is more than what was paid and not given back.');
  return parts;
}

export const totalOf = (given: readonly Given[]): bigint => given.reduce((sum, part) => sum + worth(part), 0n);

/** What payments refused was not given. */
const worth = ({ amount, status }: Given): bigint => (status === 'refused' ? 0n : amount);
