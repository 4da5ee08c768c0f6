import type { Deps } from '../deps.ts';
import type { Invoice } from './replenishment.ts';
import { changeInvoice } from './settling.ts';
import { endAttempt, findAttempt, findInvoice, makeDue } from './store.ts';

export type OrphanDeps = Pick<Deps, 'database' | 'clock' | 'log' | 'provider' | 'patience'>;

/**
 * An attempt whose answer was lost: the provider made an invoice and we never heard its name. Somebody may pay it one day,
 * and then the provider knows the number that it was made under. The invoice that it was made for; null: none of ours.
 */
export async function learnOfOrphan(deps: OrphanDeps, ref: string): Promise<Invoice | null> {
  const { database, log, provider, patience } = deps;
  const { number } = await provider.findPayments(ref, AbortSignal.timeout(patience.checkMs));
  const attempt = number === null ? null : await findAttempt(database, number);
  const invoice = attempt && (await findInvoice(database, attempt.invoiceId));
  if (!attempt || invoice?.provider !== provider.name) return null;
  if (attempt.ref === ref) return invoice;

  log.warn({ invoiceId: invoice.id, number: attempt.number, ref }, 'an invoice that was made in doubt has turned up');
  return changeInvoice(deps, invoice, async (tx, before, now) => {
    await endAttempt(tx, { number: attempt.number, outcome: 'made', now, ref });
    await makeDue(tx, { invoiceId: before.id, now, pause: 0 });
    return before;
  });
}
