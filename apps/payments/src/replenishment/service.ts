import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@forecourt/errors';
import { newUuid } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { advance } from './checking.ts';
import { make } from './making.ts';
import { learnOfOrphan } from './orphan.ts';
import { assertAmount, giveUp, type Invoice, leastBetweenChecks } from './replenishment.ts';
import { changeInvoice } from './settling.ts';
import { findAttempt, findInvoice, handBack, insertInvoice, makeDue, takeForCustomer } from './store.ts';

export interface Wish {
  readonly customerId: string;
  readonly amount: bigint;
}

/** An invoice that can be paid, or `provider_unavailable`: then there is none, and what comes of it later is withdrawn. */
export async function replenish(deps: Deps, wish: Wish): Promise<Invoice> {
  assertAmount(wish.amount, deps.limits);
  const invoice = anInvoice(deps, wish);
  const lease = after(invoice.createdAt, deps.patience.leaseMs);
  if (!(await insertInvoice(deps.database, invoice, { lease, mostOpen: deps.limits.mostOpen }))) {
    throw new AppError('too_many_requests', 'Too many invoices are open. Pay one, or let them expire.');
  }
  // Goes on when nobody waits any more: an orphan that is known of can be withdrawn.
  const making = deps.errands.run(make(deps, { invoice, lease }));
  const opened = await Promise.race([making, pause(deps.patience.answerMs, null)]);
  return opened ?? (await stopWaiting(deps, invoice, lease));
}

/** Unless it came at the last moment. */
async function stopWaiting(deps: Deps, invoice: Invoice, lease: Date): Promise<Invoice> {
  const last = await changeInvoice(deps, invoice, async (tx, before, now) => {
    const given = giveUp(before, now);
    // A call that is still under way may come to something.
    const next = after(now, deps.patience.leaseMs);
    if (given.status !== 'pending') await handBack(tx, { invoiceId: invoice.id, lease, next });
    return given;
  });
  if (last.status === 'pending') return last;
  throw new AppError('provider_unavailable', 'The payment provider makes no invoices now. Try again later.');
}

const anInvoice = ({ clock, limits, provider }: Deps, { customerId, amount }: Wish): Invoice => {
  const createdAt = clock();
  return {
    id: newUuid(createdAt),
    version: 1,
    customerId,
    amount,
    currency: limits.currency,
    paid: 0n,
    provider: provider.name,
    status: 'requested',
    providerRef: null,
    url: null,
    flag: null,
    createdAt,
    openedAt: null,
    settledAt: null,
    expiresAt: after(createdAt, limits.minutes * 60_000),
    attempts: 0,
    checkedAt: null,
    checks: 0,
  };
};

/** The customer's own; asks the provider when it is still pending, but not for every touch of a button. */
export async function checkByHand(
  deps: Deps,
  { customerId, invoiceId }: { customerId: string; invoiceId: string },
): Promise<Invoice> {
  const { database, clock, log, patience } = deps;
  const known = await findInvoice(database, invoiceId);
  if (known?.customerId !== customerId) throw new AppError('invoice_not_found', 'There is no such invoice.');
  if (known.status !== 'pending') return known;

  const now = clock();
  const lease = after(now, patience.leaseMs);
  const askedBefore = after(now, -leastBetweenChecks.byHand);
  const taken = await takeForCustomer(database, { invoiceId, now, lease, askedBefore });
  if (!taken) return known;
  const checking = deps.errands.run(advance(deps, taken));
  // A provider that is away or slow changes nothing about what is known.
  const checked = checking.catch((error: unknown) => {
    log.warn({ err: error, invoiceId }, 'the provider did not say what became of an invoice');
    return known;
  });
  return await Promise.race([checked, pause(patience.answerMs, known)]);
}

export interface Hint {
  /** Of the attempt that the provider was told of. */
  readonly number: string;
  /** What the provider calls the payment, where it says so. */
  readonly paymentId: string | null;
}

/**
 * The provider says that something happened to what it made under this number. It could be anybody who says so: all that
 * follows is that the provider is asked, soon.
 */
export async function takeHint(deps: Deps, { number, paymentId }: Hint): Promise<void> {
  const { database, clock, hints, provider, patience } = deps;
  const attempt = await findAttempt(database, number);
  if (!attempt) throw new AppError('invoice_not_found', 'There is no such invoice.');
  if (attempt.ref === null && paymentId !== null) {
    const payment = await provider.findPayment(paymentId, AbortSignal.timeout(patience.checkMs));
    if (payment?.ref) await learnOfOrphan(deps, payment.ref);
  }
  const { invoiceId } = attempt;
  await makeDue(database, { invoiceId, now: clock(), pause: leastBetweenChecks.onHint });
  hints.happened();
}

const after = (instant: Date, milliseconds: number) => new Date(instant.getTime() + milliseconds);
