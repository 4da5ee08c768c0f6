import { randomInt } from 'node:crypto';
import type { Clock, Database } from '@forecourt/service-kit';
import type { ListedPayment, PaymentProvider } from '../../provider/provider.ts';
import { cancelUnpaid, findInvoice, findPayment, insertInvoice, listBetween, listOf } from './store.ts';

export const manualName = 'manual';

interface Parts {
  readonly database: Database;
  readonly clock: Clock;
  /** `{ref}` in it is the invoice's reference. */
  readonly pageUrl: string;
}

/** Customers transfer at their bank, and an operator who sees the money arrive confirms it. Nobody ever calls back. */
export const manual = ({ database, clock, pageUrl }: Parts): PaymentProvider => ({
  name: manualName,
  async makeInvoice({ number, amount, currency }) {
    const ref = await insertInvoice(database, { ref: newRef(), number, amount, currency, madeAt: clock() });
    return { outcome: 'made', ref, url: pageUrl.replaceAll('{ref}', ref) };
  },
  async findPayments(ref) {
    const invoice = await findInvoice(database, ref);
    if (!invoice) return { payments: [], invoice: 'unknown', number: null };
    const payments = await listOf(database, ref);
    const paid = payments.reduce((sum, { amount }) => sum + amount, 0n);
    const open = paid >= invoice.amount ? 'closed' : 'open';
    return { payments, invoice: invoice.canceledAt ? 'canceled' : open, number: invoice.number };
  },
  findPayment: (paymentId) => findPayment(database, paymentId),
  async cancelInvoice(ref) {
    if ((await cancelUnpaid(database, ref, clock())) === 1) return 'canceled';
    const invoice = await findInvoice(database, ref);
    if (!invoice) return 'unknown';
    return invoice.canceledAt ? 'canceled' : 'paid';
  },
  async *listPayments({ from, to }, signal) {
    for (let after: ListedPayment | null = null; ; ) {
      signal.throwIfAborted();
      const page: ListedPayment[] = await listBetween(database, { from, to, after, limit: pageSize });
      yield* page;
      after = page.at(-1) ?? null;
      if (page.length < pageSize) return;
    }
  },
  paymentIdIn: () => null,
  close: async () => {},
});

const pageSize = 500;

/** Without letters that are taken for digits; ten of them are not met twice. */
const signs = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const newRef = () => Array.from({ length: 10 }, () => signs[randomInt(signs.length)]).join('');
