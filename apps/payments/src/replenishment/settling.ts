import { replenishmentSettled } from '@forecourt/contracts';
import { enqueue, lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { post } from '../ledger/service.ts';
import type { SeenPayment } from '../provider/provider.ts';
import { type End, type Findings, type Invoice, learn, newsOf } from './replenishment.ts';
import { getInvoice, insertPayment, listKnownPayments, saveInvoice } from './store.ts';

export type SettlingDeps = Pick<Deps, 'database' | 'clock'>;

/**
 * Changes an invoice under its lock and tells of its end. Whoever may put something into the wallet has that locked, too,
 * before anything is written: so that its events keep their order.
 */
export const changeInvoice = (
  { database, clock }: SettlingDeps,
  { id, customerId }: Pick<Invoice, 'id' | 'customerId'>,
  change: (tx: SqlTx, before: Invoice, now: Date) => Invoice | Promise<Invoice>,
): Promise<Invoice> =>
  database.transaction(async (tx) => {
    await lockAggregate(tx, 'invoice', id);
    await lockAggregate(tx, 'wallet', customerId);
    const before = await getInvoice(tx, id);
    const now = clock();
    const after = await change(tx, before, now);
    if (after === before) return before;

    await saveInvoice(tx, after, before);
    const news = newsOf(before, after);
    // Who asked for an invoice and was refused one was told so, and knows of none.
    if (news && before.status !== 'requested') await tell(tx, after, news, now);
    return after;
  });

const tell = (tx: SqlTx, invoice: Invoice, status: End, settledAt: Date) =>
  enqueue(tx, replenishmentSettled, {
    invoiceId: invoice.id,
    version: invoice.version,
    customerId: invoice.customerId,
    status,
    amount: invoice.paid,
    currency: invoice.currency,
    settledAt,
  });

/** What was paid goes into the wallet, once by the provider's name for the payment, however often and by whom it is found. */
export const settle = (
  deps: SettlingDeps,
  invoice: Pick<Invoice, 'id' | 'customerId'>,
  findings: Findings,
): Promise<Invoice> =>
  changeInvoice(deps, invoice, async (tx, before, now) => {
    const known = await listKnownPayments(tx, { provider: before.provider, payments: findings.payments });
    const { invoice: after, credits, strange } = learn(before, findings, known, now);
    for (const payment of credits) await credit(tx, before, payment, now);
    for (const payment of strange) {
      const seen = { provider: before.provider, payment, invoiceId: before.id, transferId: null, now };
      await insertPayment(tx, { ...seen, flag: 'not_credited' });
    }
    return after;
  });

/** The customer has all that they paid. What the provider keeps of it is our cost, and is not owed to us any more. */
async function credit(tx: SqlTx, invoice: Invoice, payment: SeenPayment, at: Date): Promise<void> {
  const { id: invoiceId, provider, customerId, currency } = invoice;
  const { amount, fee = 0n } = payment;
  const { transferId } = await post(tx, {
    key: `replenishment:${provider}:${payment.paymentId}`,
    kind: 'replenishment',
    legs: [
      { account: { kind: 'clearing', owner: provider }, amount: fee - amount },
      ...(fee > 0n ? [{ account: { kind: 'fees', owner: '' } as const, amount: -fee }] : []),
      { account: { kind: 'wallet', owner: customerId }, amount },
    ],
    reference: invoiceId,
    currency,
    at,
  });
  await insertPayment(tx, { provider, payment, invoiceId, transferId, flag: null, now: at });
}
