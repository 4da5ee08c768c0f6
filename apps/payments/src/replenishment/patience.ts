/** In milliseconds. */
export interface Patience {
  /** A customer waits so long for an invoice. */
  readonly answerMs: number;
  /** After so long without an answer the provider is asked once more, under another number. */
  readonly attemptMs: number;
  readonly betweenAttemptsMs: number;
  /** An invoice that is made later than that is never heard of: it stays at the provider until somebody pays it. */
  readonly callMs: number;
  /** What became of an invoice is known by then, or asked another time. */
  readonly checkMs: number;
  /** Whoever has an invoice in hand is done with it by then, or dead. */
  readonly leaseMs: number;
}

export const usualPatience: Patience = {
  answerMs: 6_000,
  attemptMs: 2_500,
  betweenAttemptsMs: 200,
  callMs: 20_000,
  checkMs: 5_000,
  leaseMs: 60_000,
};
