import { setTimeout as pause } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import type { InDoubt, Made, Refused } from '../provider/provider.ts';
import { giveUp, type Invoice, mostAttempts, nextCheck, numberOf, open } from './replenishment.ts';
import { changeInvoice } from './settling.ts';
import { countAttempt, endAttempt, handBack, insertAttempt, makeDue, type Taken } from './store.ts';

export type MakingDeps = Pick<Deps, 'database' | 'clock' | 'log' | 'provider' | 'patience' | 'callbacks' | 'errands'>;

/**
 * Asks the provider for an invoice, outside of any transaction. Where no answer comes the same wish goes out under
 * another number while the first call may still be answered: whichever invoice comes first is the customer's, the others
 * are orphans. null: the provider has none for us, or nobody waits for it any more.
 */
export async function make(deps: MakingDeps, taken: Taken): Promise<Invoice | null> {
  const { patience, errands } = deps;
  const calls: Promise<Invoice>[] = [];
  for (;;) {
    const number = await beginAttempt(deps, taken.invoice);
    if (number === null) return await firstOpened(calls);
    // Waited for before the process ends: what comes too late for the customer is noted, and so withdrawn.
    calls.push(errands.run(attempt(deps, taken, number)));
    const opened = await Promise.race([firstOpened(calls), pause(patience.attemptMs, null)]);
    if (opened) return opened;
    await pause(patience.betweenAttemptsMs);
  }
}

const firstOpened = (calls: readonly Promise<Invoice>[]): Promise<Invoice | null> =>
  Promise.any(calls).catch(() => null);

const beginAttempt = ({ database, clock }: MakingDeps, { id }: Invoice): Promise<string | null> =>
  database.transaction(async (tx) => {
    const place = await countAttempt(tx, { invoiceId: id, most: mostAttempts });
    if (place === null) return null;
    const number = numberOf(id, place);
    await insertAttempt(tx, { number, invoiceId: id, now: clock() });
    return number;
  });

/** Rejects unless it made what the customer is told of. */
async function attempt(deps: MakingDeps, taken: Taken, number: string): Promise<Invoice> {
  const { invoice } = taken;
  const answer = await call(deps, invoice, number);
  const facts = { invoiceId: invoice.id, number, ...answer };
  try {
    if (answer.outcome !== 'made') {
      deps.log.warn(facts, 'an invoice was not made');
      await noteFailure(deps, invoice, number, answer);
      throw new NotOpened(answer.reason);
    }
    const noted = await noteMade(deps, taken, number, answer);
    if (noted.providerRef === answer.ref) return noted;
    deps.log.warn(facts, 'an invoice was made too late; it is withdrawn');
    throw new NotOpened('too late');
  } catch (error) {
    if (!(error instanceof NotOpened)) deps.log.error({ err: error, ...facts }, 'what came of an attempt is not noted');
    throw error;
  }
}

class NotOpened extends Error {}

async function call(deps: MakingDeps, invoice: Invoice, number: string): Promise<Made | Refused | InDoubt> {
  const { id, amount, currency, customerId, expiresAt } = invoice;
  const wish = {
    number,
    amount,
    currency,
    description: `Forecourt ${id}`,
    payer: customerId,
    callbackUrl: deps.callbacks.urlOf(number),
    expiresAt,
  };
  try {
    return await deps.provider.makeInvoice(wish, AbortSignal.timeout(deps.patience.callMs));
  } catch (error) {
    // Providers answer; what they throw is a mistake of ours, at a point that nobody knows.
    deps.log.error({ err: error, invoiceId: id, number }, 'the adapter of the payment provider failed');
    return { outcome: 'in_doubt', reason: 'the adapter failed' };
  }
}

/** The first to come opens the invoice. */
const noteMade = (deps: MakingDeps, { invoice, lease }: Taken, number: string, { ref, url }: Made): Promise<Invoice> =>
  changeInvoice(deps, invoice, async (tx, before, now) => {
    const invoiceId = invoice.id;
    await endAttempt(tx, { number, outcome: 'made', now, ref });
    const after = open(before, { ref, url }, now);
    if (after === before) await makeDue(tx, { invoiceId, now, pause: 0 });
    else await handBack(tx, { invoiceId, lease, next: nextCheck(after, now) });
    return after;
  });

/** What the provider will never have is not tried again. */
const noteFailure = (deps: MakingDeps, invoice: Invoice, number: string, answer: Refused | InDoubt): Promise<Invoice> =>
  changeInvoice(deps, invoice, async (tx, before, now) => {
    await endAttempt(tx, { number, outcome: answer.outcome, now, error: answer.reason });
    return answer.outcome === 'refused' && !answer.passing ? giveUp(before, now) : before;
  });
