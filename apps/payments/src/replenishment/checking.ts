import type { Deps } from '../deps.ts';
import { expire, flagged, giveUp, type Invoice, nextCheck } from './replenishment.ts';
import { changeInvoice, settle } from './settling.ts';
import { closeLostAttempts, endAttempt, handBack, isBeingMade, listOrphans, type Orphan, type Taken } from './store.ts';

export type CheckingDeps = Pick<Deps, 'database' | 'clock' | 'log' | 'provider' | 'patience'>;

/** Brings an invoice on as far as it goes now, and says when somebody is to look at it again. */
export async function advance(deps: CheckingDeps, { invoice, lease }: Taken): Promise<Invoice> {
  const { database, clock } = deps;
  try {
    const { invoice: advanced, finished } = await step(deps, invoice);
    const next = finished ? null : nextCheck(invoice, clock());
    await handBack(database, { invoiceId: invoice.id, lease, next });
    return advanced;
  } catch (error) {
    await handBack(database, { invoiceId: invoice.id, lease, next: nextCheck(invoice, clock()) });
    throw error;
  }
}

interface Step {
  readonly invoice: Invoice;
  /** Nobody needs to look at it any more, unless the provider gives a hint. */
  readonly finished: boolean;
}

async function step(deps: CheckingDeps, taken: Invoice): Promise<Step> {
  const { database, clock, patience, provider } = deps;
  // Another one would say that it knows of no such invoice, and so it would expire while it can be paid.
  if (taken.provider !== provider.name) throw new Error(`nobody here can ask ${taken.provider}`);
  const now = clock();
  const begunBefore = new Date(now.getTime() - 2 * patience.callMs);
  await closeLostAttempts(database, { invoiceId: taken.id, begunBefore, now });

  let invoice = taken.status === 'requested' ? await abandon(deps, taken) : taken;
  if (invoice.providerRef !== null) invoice = await check(deps, invoice, invoice.providerRef);
  for (const orphan of await listOrphans(database, invoice.id)) invoice = await withdraw(deps, invoice, orphan);
  return { invoice, finished: invoice.status !== 'pending' && !(await isBeingMade(database, invoice.id)) };
}

/** Its maker died, and who waited for it waits no more. */
async function abandon(deps: CheckingDeps, invoice: Invoice): Promise<Invoice> {
  deps.log.warn({ invoiceId: invoice.id }, 'whoever made the invoice is gone; it is given up');
  return changeInvoice(deps, invoice, (_tx, before, now) => giveUp(before, now));
}

/** The provider knows what was paid; when the time is over it is told to take nothing more. */
async function check(deps: CheckingDeps, invoice: Invoice, ref: string): Promise<Invoice> {
  const checked = await ask(deps, invoice, ref);
  if (checked.status !== 'pending' || deps.clock() < checked.expiresAt) return checked;

  const answer = await deps.provider.cancelInvoice(ref, patiently(deps));
  if (answer === 'paid') {
    // In the moment between; or, long ago, a part of it.
    const last = await ask(deps, invoice, ref);
    if (last.paid === 0n) throw new Error('the provider says that it was paid, and shows no payment');
  }
  return changeInvoice(deps, invoice, (_tx, before, now) => expire(before, now));
}

const ask = async (deps: CheckingDeps, invoice: Invoice, ref: string): Promise<Invoice> =>
  settle(deps, invoice, await deps.provider.findPayments(ref, patiently(deps)));

const patiently = ({ patience }: CheckingDeps) => AbortSignal.timeout(patience.checkMs);

/** Nobody was told of it, so nobody should pay it; what somebody paid all the same is the customer's. */
async function withdraw(deps: CheckingDeps, invoice: Invoice, { number, ref }: Orphan): Promise<Invoice> {
  const { database, clock, provider } = deps;
  if (clock() > hoursAfter(invoice.expiresAt, hoursToWithdraw)) {
    return changeInvoice(deps, invoice, (_tx, before) => flagged(before, 'not_withdrawn'));
  }
  const answer = await provider.cancelInvoice(ref, patiently(deps));
  const last = answer === 'paid' ? await ask(deps, invoice, ref) : invoice;
  await endAttempt(database, { number, outcome: answer === 'paid' ? 'paid' : 'withdrawn', now: clock() });
  return last;
}

/** After that a person has to see to it. */
const hoursToWithdraw = 24;

const hoursAfter = (instant: Date, hours: number) => new Date(instant.getTime() + hours * 3_600_000);
