import { AppError } from '@forecourt/errors';

export const adjustmentStatuses = ['proposed', 'approved', 'rejected'] as const;
export type AdjustmentStatus = (typeof adjustmentStatuses)[number];
export type Decision = Exclude<AdjustmentStatus, 'proposed'>;

/** A correction of an account by hand, against the account of adjustments. */
export interface Adjustment {
  readonly id: string;
  /** The proposer's word for it: the same again is the same proposal. */
  readonly key: string;
  readonly accountId: string;
  /** Minor units; positive adds to the account. */
  readonly amount: bigint;
  readonly reason: string;
  readonly status: AdjustmentStatus;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  /** Of an approved one: what moved the money. */
  readonly transferId: string | null;
}

/** Whether two proposals under one key are the same intention. */
export const isRepeated = (
  before: Adjustment,
  now: Pick<Adjustment, 'accountId' | 'amount' | 'reason' | 'proposedBy'>,
) =>
  before.accountId === now.accountId &&
  before.amount === now.amount &&
  before.reason === now.reason &&
  before.proposedBy === now.proposedBy;

/** Nobody moves money alone. Whoever says the same again has been heard already. */
export function decide(adjustment: Adjustment, decision: { status: Decision; by: string; at: Date }): Adjustment {
  if (adjustment.proposedBy === decision.by) {
    throw new AppError('second_operator_needed', 'Whoever proposed an adjustment does not decide it.');
  }
  if (adjustment.status === 'proposed') {
    return { ...adjustment, status: decision.status, decidedBy: decision.by, decidedAt: decision.at };
  }
  if (adjustment.status === decision.status && adjustment.decidedBy === decision.by) return adjustment;
  throw new AppError('adjustment_decided', `The adjustment was ${adjustment.status} already.`);
}
