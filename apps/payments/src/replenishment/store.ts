import type { SqlTx } from '@forecourt/messaging';
import type { SeenPayment } from '../provider/provider.ts';
import type { Flag, Invoice, Status } from './replenishment.ts';

type Reads = Pick<SqlTx, '$queryRaw'>;
type Writes = Pick<SqlTx, '$executeRaw'>;

interface InvoiceRow {
  id: string;
  version: number;
  customer_id: string;
  amount: bigint;
  currency: string;
  paid: bigint;
  provider: string;
  status: Status;
  provider_ref: string | null;
  url: string | null;
  flag: Flag | null;
  created_at: Date;
  opened_at: Date | null;
  settled_at: Date | null;
  expires_at: Date;
  attempts: number;
  checked_at: Date | null;
  checks: number;
}

const fromRow = (row: InvoiceRow): Invoice => ({
  id: row.id,
  version: row.version,
  customerId: row.customer_id,
  amount: row.amount,
  currency: row.currency,
  paid: row.paid,
  provider: row.provider,
  status: row.status,
  providerRef: row.provider_ref,
  url: row.url,
  flag: row.flag,
  createdAt: row.created_at,
  openedAt: row.opened_at,
  settledAt: row.settled_at,
  expiresAt: row.expires_at,
  attempts: row.attempts,
  checkedAt: row.checked_at,
  checks: row.checks,
});

/** Its maker has it in hand until `lease`. False: the customer has `mostOpen` that may still be paid. */
export async function insertInvoice(
  db: Writes,
  { id, customerId, amount, currency, provider, createdAt, expiresAt }: Invoice,
  { lease, mostOpen }: { lease: Date; mostOpen: number },
): Promise<boolean> {
  const inserted = await db.$executeRaw`
    INSERT INTO invoice (id, customer_id, amount, currency, provider, status, created_at, expires_at, due_at, taken_until)
    SELECT ${id}::uuid, ${customerId}, ${amount}::bigint, ${currency}, ${provider}, 'requested',
           ${createdAt}::timestamptz, ${expiresAt}::timestamptz, ${lease}::timestamptz, ${lease}::timestamptz
    WHERE (SELECT count(*) FROM invoice WHERE customer_id = ${customerId} AND status IN ('requested', 'pending'))
          < ${mostOpen}::int`;
  return inserted === 1;
}

export async function getInvoice(db: Reads, invoiceId: string): Promise<Invoice> {
  const invoice = await findInvoice(db, invoiceId);
  if (!invoice) throw new Error(`invoice ${invoiceId} is gone`);
  return invoice;
}

export async function findInvoice(db: Reads, invoiceId: string): Promise<Invoice | null> {
  const [row] = await db.$queryRaw<InvoiceRow[]>`SELECT * FROM invoice WHERE id = ${invoiceId}::uuid`;
  return row ? fromRow(row) : null;
}

/** Under its lock; `before` is what the change was made of. */
export async function saveInvoice(tx: Writes, invoice: Invoice, before: Invoice): Promise<void> {
  const saved = await tx.$executeRaw`
    UPDATE invoice SET version = ${invoice.version}::int, status = ${invoice.status}, paid = ${invoice.paid}::bigint,
      provider_ref = ${invoice.providerRef}, url = ${invoice.url}, flag = ${invoice.flag},
      opened_at = ${invoice.openedAt}::timestamptz, settled_at = ${invoice.settledAt}::timestamptz
    WHERE id = ${invoice.id}::uuid AND version = ${before.version}::int`;
  if (saved !== 1) throw new Error(`invoice ${invoice.id} was changed without its lock`);
}

/** An invoice that a process has in hand: nobody else works on it until `lease`. */
export interface Taken {
  readonly invoice: Invoice;
  readonly lease: Date;
}

/**
 * Processes differ about the time. A mark that lies further ahead than anybody would set it is of a clock that ran
 * ahead, and is not waited for: who works on something twice does it once all the same.
 */
const twiceAhead = (mark: Date, from: Date) => new Date(2 * mark.getTime() - from.getTime());

/** Those that are due, the one first that has been so for longest. Who dies with them loses them when the lease ends. */
export async function takeDue(
  db: Reads,
  { now, lease, most }: { now: Date; lease: Date; most: number },
): Promise<Taken[]> {
  const rows = await db.$queryRaw<InvoiceRow[]>`
    UPDATE invoice SET taken_until = ${lease}::timestamptz, due_at = ${lease}::timestamptz,
      checked_at = ${now}::timestamptz, checks = checks + 1
    WHERE id = ANY (ARRAY(
      SELECT id FROM invoice
      WHERE due_at <= ${now}::timestamptz AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz
        OR taken_until > ${twiceAhead(lease, now)}::timestamptz)
      ORDER BY due_at LIMIT ${most}::int FOR UPDATE SKIP LOCKED))
    RETURNING *`;
  return rows.map((row) => ({ invoice: fromRow(row), lease }));
}

/** null: it is not pending, somebody has it in hand, or the provider was asked about it after `askedBefore`. */
export async function takeForCustomer(
  db: Reads,
  { invoiceId, now, lease, askedBefore }: { invoiceId: string; now: Date; lease: Date; askedBefore: Date },
): Promise<Taken | null> {
  const [row] = await db.$queryRaw<InvoiceRow[]>`
    UPDATE invoice SET taken_until = ${lease}::timestamptz, due_at = ${lease}::timestamptz,
      checked_at = ${now}::timestamptz
    WHERE id = ${invoiceId}::uuid AND status = 'pending'
      AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz
        OR taken_until > ${twiceAhead(lease, now)}::timestamptz)
      AND (checked_at IS NULL OR checked_at <= ${askedBefore}::timestamptz
        OR checked_at > ${twiceAhead(now, askedBefore)}::timestamptz)
    RETURNING *`;
  return row ? { invoice: fromRow(row), lease } : null;
}

/** Somebody looks at it at `next`, null: never by itself; but sooner when a hint came while it was in hand. */
export const handBack = (
  db: Writes,
  { invoiceId, lease, next }: { invoiceId: string; lease: Date; next: Date | null },
): PromiseLike<number> =>
  db.$executeRaw`
    UPDATE invoice SET taken_until = NULL, due_at = CASE WHEN due_at = ${lease}::timestamptz
      THEN ${next}::timestamptz ELSE LEAST(due_at, ${next}::timestamptz) END
    WHERE id = ${invoiceId}::uuid AND taken_until = ${lease}::timestamptz`;

/** The provider is to be asked, but not sooner than `pause` after it was asked last. */
export const makeDue = (
  db: Writes,
  { invoiceId, now, pause }: { invoiceId: string; now: Date; pause: number },
): PromiseLike<number> =>
  db.$executeRaw`
    UPDATE invoice SET checks = 0, due_at = LEAST(due_at,
      GREATEST(${now}::timestamptz, CASE WHEN checked_at > ${now}::timestamptz THEN ${now}::timestamptz
        ELSE checked_at END + make_interval(secs => ${pause}::int / 1000.0)))
    WHERE id = ${invoiceId}::uuid`;

/**
 * Committed before the provider is called, so that whoever takes the invoice over knows of the call. The place that the
 * attempt has among the invoice's; null: it was given up, or there were as many as there may be.
 */
export async function countAttempt(
  tx: Reads,
  { invoiceId, most }: { invoiceId: string; most: number },
): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ attempts: number }[]>`
    UPDATE invoice SET attempts = attempts + 1
    WHERE id = ${invoiceId}::uuid AND status = 'requested' AND attempts < ${most}::int
    RETURNING attempts`;
  return row?.attempts ?? null;
}

export async function insertAttempt(
  tx: Writes,
  { number, invoiceId, now }: { number: string; invoiceId: string; now: Date },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO invoice_attempt (number, invoice_id, begun_at)
    VALUES (${number}, ${invoiceId}::uuid, ${now}::timestamptz)`;
}

export interface AttemptEnd {
  readonly number: string;
  readonly outcome: 'made' | 'refused' | 'in_doubt' | 'withdrawn' | 'paid';
  readonly now: Date;
  readonly ref?: string | undefined;
  readonly error?: string | undefined;
}

/** What was in doubt may become clear later. */
export const endAttempt = (db: Writes, { number, outcome, now, ref, error }: AttemptEnd): PromiseLike<number> =>
  db.$executeRaw`
    UPDATE invoice_attempt SET ended_at = ${now}::timestamptz, outcome = ${outcome},
      provider_ref = COALESCE(${ref ?? null}::text, provider_ref), error = COALESCE(${error ?? null}::text, error)
    WHERE number = ${number}`;

/** What whoever died amid a call has left: nobody knows what came of it. */
export const closeLostAttempts = (
  db: Writes,
  { invoiceId, begunBefore, now }: { invoiceId: string; begunBefore: Date; now: Date },
): PromiseLike<number> =>
  db.$executeRaw`
    UPDATE invoice_attempt SET ended_at = ${now}::timestamptz, outcome = 'in_doubt',
      error = 'whoever made the call is gone'
    WHERE invoice_id = ${invoiceId}::uuid AND ended_at IS NULL AND begun_at <= ${begunBefore}::timestamptz`;

export async function isBeingMade(db: Reads, invoiceId: string): Promise<boolean> {
  const [row] = await db.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM invoice_attempt WHERE invoice_id = ${invoiceId}::uuid AND ended_at IS NULL) AS found`;
  return row?.found === true;
}

export interface Orphan {
  readonly number: string;
  readonly ref: string;
}

/** Made at the provider, but not what the customer was told of. */
export const listOrphans = (db: Reads, invoiceId: string): PromiseLike<Orphan[]> =>
  db.$queryRaw<Orphan[]>`
    SELECT attempt.number, attempt.provider_ref AS ref
    FROM invoice_attempt AS attempt JOIN invoice ON invoice.id = attempt.invoice_id
    WHERE attempt.invoice_id = ${invoiceId}::uuid AND attempt.outcome = 'made'
      AND attempt.provider_ref IS DISTINCT FROM invoice.provider_ref
    ORDER BY attempt.number`;

export interface KnownAttempt {
  readonly number: string;
  readonly invoiceId: string;
  /** null: the provider never told us its name for it. */
  readonly ref: string | null;
}

export async function findAttempt(db: Reads, number: string): Promise<KnownAttempt | null> {
  const [row] = await db.$queryRaw<KnownAttempt[]>`
    SELECT number, invoice_id AS "invoiceId", provider_ref AS ref FROM invoice_attempt WHERE number = ${number}`;
  return row ?? null;
}

/** By the provider's name for what it made. */
export async function findInvoiceOfRef(db: Reads, provider: string, ref: string): Promise<Invoice | null> {
  const [row] = await db.$queryRaw<InvoiceRow[]>`
    SELECT * FROM invoice WHERE provider = ${provider} AND id IN (
      SELECT id FROM invoice WHERE provider = ${provider} AND provider_ref = ${ref}
      UNION ALL SELECT invoice_id FROM invoice_attempt WHERE provider_ref = ${ref})`;
  return row ? fromRow(row) : null;
}

/** Those of them that were seen before. */
export async function listKnownPayments(
  db: Reads,
  { provider, payments }: { provider: string; payments: readonly Pick<SeenPayment, 'paymentId'>[] },
): Promise<ReadonlySet<string>> {
  const paymentIds = payments.map(({ paymentId }) => paymentId);
  const rows = await db.$queryRaw<{ paymentId: string }[]>`
    SELECT payment_id AS "paymentId" FROM provider_payment
    WHERE provider = ${provider} AND payment_id = ANY (${paymentIds}::text[])`;
  return new Set(rows.map(({ paymentId }) => paymentId));
}

export interface NewPayment {
  readonly provider: string;
  readonly payment: SeenPayment;
  readonly invoiceId: string;
  /** null: it is in no wallet. */
  readonly transferId: string | null;
  readonly flag: Flag | null;
  readonly now: Date;
}

/** Its key is the provider's own: whoever is second to write the same payment down fails, with all that goes with it. */
export async function insertPayment(
  tx: Writes,
  { provider, payment, invoiceId, transferId, flag, now }: NewPayment,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO provider_payment (provider, payment_id, invoice_id, amount, currency, transfer_id, flag, seen_at)
    VALUES (${provider}, ${payment.paymentId}, ${invoiceId}::uuid, ${payment.amount}::bigint, ${payment.currency},
            ${transferId}, ${flag}, ${now}::timestamptz)`;
}
