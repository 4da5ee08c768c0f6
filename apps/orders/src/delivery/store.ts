import type { SqlTx } from '@forecourt/messaging';
import type { DeliverySettings } from './delivery.ts';

export interface DeliveryState {
  readonly settings: DeliverySettings | null;
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
}

interface TermsRow {
  fee: bigint | null;
  freeFrom: bigint | null;
  changedAt: Date | null;
  changedBy: string | null;
}

export async function getDelivery(db: Pick<SqlTx, '$queryRaw'>): Promise<DeliveryState> {
  const [row] = await db.$queryRaw<[TermsRow]>`
    SELECT delivery_fee AS fee, delivery_free_from AS "freeFrom", delivery_changed_at AS "changedAt",
      delivery_changed_by AS "changedBy"
    FROM terms`;
  const { fee, freeFrom, changedAt, changedBy } = row;
  return { settings: fee === null ? null : { fee, freeFrom }, changedAt, changedBy };
}

/** The terms of sale move on, so that an order that was priced before is priced again. */
export async function saveDelivery(
  db: Pick<SqlTx, '$executeRaw'>,
  { settings, changedAt, changedBy }: { settings: DeliverySettings | null; changedAt: Date; changedBy: string },
): Promise<void> {
  await db.$executeRaw`
    UPDATE terms SET version = version + 1, delivery_fee = ${settings?.fee ?? null},
      delivery_free_from = ${settings?.freeFrom ?? null}, delivery_changed_at = ${changedAt},
      delivery_changed_by = ${changedBy}`;
}
