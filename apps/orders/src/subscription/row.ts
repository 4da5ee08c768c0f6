import type { Package, Period, Subscription } from './subscription.ts';

/** JSON has no bigint; amounts are below 2^53. */
export interface StoredPackage extends Omit<Package, 'price'> {
  readonly price: number;
}

export const storedPackage = (terms: Package): string => JSON.stringify({ ...terms, price: Number(terms.price) });
export const toPackage = (stored: StoredPackage): Package => ({ ...stored, price: BigInt(stored.price) });

export interface SubscriptionRow {
  id: string;
  version: number;
  customer_id: string;
  product_id: string;
  product_number: number;
  title: Subscription['title'];
  line: string | null;
  length: Subscription['length'];
  price: bigint;
  currency: string;
  state: Subscription['state'];
  reason: Subscription['reason'];
  renews: boolean;
  from: Date | null;
  until: Date | null;
  anchor: Date | null;
  counted: number;
  noticed_for: Date | null;
  next: StoredPackage | null;
  ordered_at: Date;
  unpaid_since: Date | null;
  canceled_at: Date | null;
  ended_at: Date | null;
  wallet_version: number;
  asked_version: number;
  attempts: number;
  not_before: Date | null;
}

export const fromRow = (row: SubscriptionRow): Subscription => ({
  id: row.id,
  version: row.version,
  customerId: row.customer_id,
  productId: row.product_id,
  productNumber: row.product_number,
  title: row.title,
  line: row.line,
  length: row.length,
  price: row.price,
  currency: row.currency,
  state: row.state,
  reason: row.reason,
  renews: row.renews,
  from: row.from,
  until: row.until,
  anchor: row.anchor,
  counted: row.counted,
  noticedFor: row.noticed_for,
  next: row.next && toPackage(row.next),
  orderedAt: row.ordered_at,
  unpaidSince: row.unpaid_since,
  canceledAt: row.canceled_at,
  endedAt: row.ended_at,
  walletVersion: row.wallet_version,
  askedVersion: row.asked_version,
  attempts: row.attempts,
  notBefore: row.not_before,
});

export interface PeriodRow {
  subscription_id: string;
  n: number;
  kind: Period['kind'];
  status: Period['status'];
  terms: StoredPackage;
  price: bigint;
  credit: bigint;
  from: Date | null;
  until: Date | null;
  cut_at: Date | null;
  wanted_at: Date;
  answered_at: Date | null;
  pending_order_id: string | null;
}

export const toPeriod = (row: PeriodRow): Period => ({
  n: row.n,
  kind: row.kind,
  status: row.status,
  terms: toPackage(row.terms),
  price: row.price,
  credit: row.credit,
  from: row.from,
  until: row.until,
  cutAt: row.cut_at,
  wantedAt: row.wanted_at,
  answeredAt: row.answered_at,
  pendingOrderId: row.pending_order_id,
});

/** The columns as the table names them; dates and bigints become text, which Postgres reads as what they are. */
export const columnsOf = (subscriptionId: string, period: Period) => ({
  subscription_id: subscriptionId,
  n: period.n,
  kind: period.kind,
  status: period.status,
  terms: { ...period.terms, price: Number(period.terms.price) },
  price: String(period.price),
  credit: String(period.credit),
  from: period.from,
  until: period.until,
  cut_at: period.cutAt,
  wanted_at: period.wantedAt,
  answered_at: period.answeredAt,
  pending_order_id: period.pendingOrderId,
});
