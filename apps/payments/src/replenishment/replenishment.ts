import { AppError } from '@forecourt/errors';
import type { InvoiceReport, SeenPayment } from '../provider/provider.ts';

/** `requested`: we are asking the provider for it, and nobody can pay it yet. */
export type Status = 'requested' | 'pending' | 'success' | 'error' | 'canceled';

/** Why a person should look at an invoice. */
export type Flag =
  | 'partly_paid'
  | 'overpaid'
  /** Paid after it had come to its end. */
  | 'paid_late'
  /** Paid in another currency, more than can be, or not as clearly as money must; it is in no wallet. */
  | 'not_credited'
  /** The provider gave back what is in the wallet. */
  | 'refunded_by_provider'
  /** The provider may still take money for an invoice that nobody was told of. */
  | 'not_withdrawn';

/** What a customer was asked to pay into their wallet. */
export interface Invoice {
  readonly id: string;
  readonly version: number;
  readonly customerId: string;
  readonly amount: bigint;
  readonly currency: string;
  /** What was paid and is in the wallet. */
  readonly paid: bigint;
  readonly provider: string;
  readonly status: Status;
  /** The provider's own name for it, and where it is paid. */
  readonly providerRef: string | null;
  readonly url: string | null;
  readonly flag: Flag | null;
  readonly createdAt: Date;
  readonly openedAt: Date | null;
  readonly settledAt: Date | null;
  readonly expiresAt: Date;
  /** How often the provider was asked to make it. */
  readonly attempts: number;
  readonly checkedAt: Date | null;
  /** How often the provider was asked what became of it, since it was opened or the provider gave a hint. */
  readonly checks: number;
}

export interface Limits {
  readonly least: bigint;
  readonly most: bigint;
  readonly currency: string;
  /** `12.50 UAH`: how people write an amount. */
  readonly asText: (amount: bigint) => string;
}

export function assertAmount(amount: bigint, { least, most, asText }: Limits): void {
  if (amount >= least && amount <= most) return;
  const params = { least: asText(least), most: asText(most) };
  throw new AppError('amount_out_of_range', `The amount must be from ${params.least} to ${params.most}.`, { params });
}

/** More than one may get lost on the way; no more than so many can be paid of what the customer wanted to pay once. */
export const mostAttempts = 3;

/**
 * How the provider hears of it. A provider may refuse a number for ever that it has seen, or make two invoices for it:
 * whatever came of an attempt, the next one has another.
 */
export const numberOf = (invoiceId: string, attempt: number): string =>
  attempt === 1 ? invoiceId : `${invoiceId}-${attempt}`;

/** Nobody waits for it any more, or the provider will not have it. The customer was told so at once, and has no invoice. */
export const giveUp = (invoice: Invoice, now: Date): Invoice =>
  invoice.status === 'requested' ? changed(invoice, { status: 'error', settledAt: now }) : invoice;

export interface Opening {
  readonly ref: string;
  readonly url: string;
}

/** The first answer of the provider that comes in time; for all others the invoice is open, or given up. */
export const open = (invoice: Invoice, { ref, url }: Opening, now: Date): Invoice =>
  invoice.status === 'requested'
    ? changed(invoice, { status: 'pending', providerRef: ref, url, openedAt: now })
    : invoice;

/** Nobody paid in time, or not all. What was paid stays in the wallet. */
export const expire = (invoice: Invoice, now: Date): Invoice =>
  invoice.status === 'pending' ? changed(invoice, { status: 'error', settledAt: now }) : invoice;

/** What the provider says when it is asked about an invoice. */
export type Findings = Pick<InvoiceReport, 'payments' | 'invoice'>;

export interface Lesson {
  readonly invoice: Invoice;
  /** To be put into the wallet now. */
  readonly credits: readonly SeenPayment[];
  /** Paid, but nothing that a wallet can take: a person decides. */
  readonly strange: readonly SeenPayment[];
}

/**
 * What follows from the provider's findings. What is paid is the customer's, whatever became of the invoice: late, in
 * parts, or twice.
 */
export function learn(invoice: Invoice, findings: Findings, known: Known, now: Date): Lesson {
  const payments = [...new Map(findings.payments.map((payment) => [payment.paymentId, payment])).values()];
  const fresh = payments.filter(
    ({ paymentId, status, amount }) => status === 'paid' && amount > 0n && !known.has(paymentId),
  );
  const credits = fresh.filter((payment) => isCreditable(payment, invoice));
  const strange = fresh.filter((payment) => !isCreditable(payment, invoice));

  let learnt = credits.reduce((before, { amount }) => credit(before, amount, now), invoice);
  if (learnt.status === 'pending' && findings.invoice === 'canceled') {
    learnt = changed(learnt, { status: 'canceled', settledAt: now });
  }
  if (payments.some(({ paymentId, status }) => status === 'refunded' && known.has(paymentId))) {
    learnt = flagged(learnt, 'refunded_by_provider');
  }
  if (strange.length > 0 || payments.some(({ status }) => status === 'unclear')) {
    learnt = flagged(learnt, 'not_credited');
  }
  return {
    invoice: learnt === invoice ? invoice : { ...learnt, version: invoice.version + 1 },
    credits,
    // What no column holds can only be flagged.
    strange: strange.filter(({ amount }) => amount < 2n ** 63n),
  };
}

/** The ids of payments that were seen before. */
type Known = ReadonlySet<string>;

const isCreditable = (payment: SeenPayment, { currency }: Invoice) =>
  payment.currency === currency && payment.amount <= BigInt(Number.MAX_SAFE_INTEGER);

function credit(invoice: Invoice, amount: bigint, now: Date): Invoice {
  const paid = invoice.paid + amount;
  const isWhole = paid >= invoice.amount;
  const isLate = invoice.status === 'error' || invoice.status === 'canceled' || invoice.flag === 'paid_late';
  const flagNow = invoice.flag === 'partly_paid' ? null : invoice.flag;
  return changed(invoice, {
    paid,
    flag: isLate ? 'paid_late' : paid > invoice.amount ? 'overpaid' : isWhole ? flagNow : 'partly_paid',
    ...((isWhole || isLate) && { settledAt: now }),
    ...(isWhole && { status: 'success' }),
  });
}

export const flagged = (invoice: Invoice, flag: Flag): Invoice =>
  invoice.flag === flag ? invoice : changed(invoice, { flag });

const changed = (invoice: Invoice, change: Partial<Invoice>): Invoice => ({
  ...invoice,
  ...change,
  version: invoice.version + 1,
});

const ends = ['success', 'error', 'canceled'] as const;
export type End = (typeof ends)[number];

/** How it ended, when the customer is to hear of it: it came to its end, or something was paid after that. */
export function newsOf(before: Invoice, { status, paid }: Invoice): End | null {
  const end = ends.find((one) => one === status);
  return end && (status !== before.status || paid !== before.paid) ? end : null;
}

const seconds = 1_000;
const pauses = [60, 120, 300, 900, 1800, 3600];

/** Providers forbid to be asked all the time: the longer nothing came, the more seldom; once more when it expires. */
export function nextCheck({ checks, expiresAt }: Pick<Invoice, 'checks' | 'expiresAt'>, now: Date): Date {
  const pause = pauses[Math.min(checks, pauses.length - 1)] ?? 0;
  const next = new Date(now.getTime() + pause * seconds);
  return now < expiresAt && next > expiresAt ? expiresAt : next;
}

/** A customer who is impatient, or several hints at once, do not make us ask more often than this. */
export const leastBetweenChecks = { byHand: 10 * seconds, onHint: 2 * seconds } as const;
