/** One side of a transfer, as its account sees it. */
export interface Posting {
  readonly transferId: string;
  readonly kind: string;
  /** Minor units; what came is positive, what went is negative. */
  readonly amount: bigint;
  readonly reference: string | null;
  /** The transfer that this one gives back. */
  readonly refunds: string | null;
  readonly operatorId: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

export interface StatementLine extends Posting {
  /** What was on the account after it. */
  readonly balance: bigint;
}

/** Newest first: each balance is what was there before the line above it. */
export function withBalances(closing: bigint, postings: readonly Posting[]): StatementLine[] {
  let balance = closing;
  return postings.map((posting) => {
    const line = { ...posting, balance };
    balance -= posting.amount;
    return line;
  });
}
