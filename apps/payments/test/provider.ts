import { randomUUID } from 'node:crypto';
import {
  type InDoubt,
  type InvoiceReport,
  type InvoiceWish,
  type ListedPayment,
  type Made,
  type PaymentProvider,
  ProviderFault,
  type Refused,
  type SeenPayment,
} from '../src/provider/provider.ts';

/** `lost`: done, and the answer is lost. `cut`: not done, and nobody can tell. `away`: certainly not done. */
export type Mishap = 'lost' | 'cut' | 'away' | 'hopeless' | 'broken';
export const mishaps: readonly Mishap[] = ['lost', 'cut', 'away', 'broken'];
export type Call = 'make' | 'find' | 'look' | 'cancel' | 'list';

export interface ProviderInvoice {
  readonly ref: string;
  readonly wish: InvoiceWish;
  state: 'open' | 'closed' | 'canceled';
  readonly payments: SeenPayment[];
}

/** A provider in memory that does to us what real ones do. */
export interface TestProvider extends PaymentProvider {
  readonly invoices: ProviderInvoice[];
  readonly calls: Call[];
  /** Asked before each call; undefined: all goes well. A promise holds the call back. */
  misbehave: (call: Call) => Mishap | undefined | Promise<Mishap | undefined>;
  /** The customer pays what they were asked for unless told otherwise. */
  pay(ref: string | null, wishes?: Partial<SeenPayment>): string;
  invoice(ref: string | null): ProviderInvoice;
}

export function createTestProvider(clock: () => Date = () => new Date()): TestProvider {
  const currency = 'UAH';
  const invoices: ProviderInvoice[] = [];
  const calls: Call[] = [];
  const paidAt = new Map<string, Date>();

  const fault = (mishap: Mishap): Error =>
    mishap === 'broken'
      ? new TypeError('the adapter has a bug')
      : new ProviderFault(mishap, { inDoubt: mishap !== 'away' });

  /** Does it, or not, and tells of it, or not. */
  async function go<T>(call: Call, signal: AbortSignal, work: () => T): Promise<T> {
    calls.push(call);
    const aborted = new Promise<Mishap>((resolve) => signal.addEventListener('abort', () => resolve('cut')));
    const mishap = await Promise.race([provider.misbehave(call), aborted]);
    if (mishap === undefined) return work();
    if (mishap === 'lost') work();
    throw fault(mishap);
  }

  const listed = (invoice: ProviderInvoice, payment: SeenPayment): ListedPayment => ({
    ...payment,
    ref: invoice.ref,
    paidAt: paidAt.get(payment.paymentId) ?? null,
  });

  const provider: TestProvider = {
    name: 'test',
    invoices,
    calls,
    misbehave: () => undefined,
    invoice: (ref) => {
      const invoice = invoices.find((one) => one.ref === ref);
      if (!invoice) throw new Error(`there is no invoice ${ref}`);
      return invoice;
    },
    pay: (ref, wishes = {}) => {
      const invoice = provider.invoice(ref);
      const paymentId = wishes.paymentId ?? randomUUID();
      invoice.payments.push({ paymentId, amount: invoice.wish.amount, currency, status: 'paid', ...wishes });
      paidAt.set(paymentId, clock());
      return paymentId;
    },
    makeInvoice: async (wish, signal): Promise<Made | Refused | InDoubt> => {
      if (invoices.some((known) => known.wish.number === wish.number)) {
        throw new Error(`the number ${wish.number} was used before`);
      }
      const ref = randomUUID();
      const url = `https://pay.example.com/${ref}`;
      try {
        return await go('make', signal, () => {
          invoices.push({ ref, wish, state: 'open', payments: [] });
          return { outcome: 'made', ref, url };
        });
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
        const { reason } = error;
        if (reason === 'hopeless') return { outcome: 'refused', reason, passing: false };
        return error.inDoubt ? { outcome: 'in_doubt', reason } : { outcome: 'refused', reason, passing: true };
      }
    },
    findPayments: (ref, signal): Promise<InvoiceReport> =>
      go('find', signal, () => {
        const invoice = invoices.find((one) => one.ref === ref);
        return {
          payments: structuredClone(invoice?.payments ?? []),
          invoice: invoice?.state ?? 'unknown',
          number: invoice?.wish.number ?? null,
        };
      }),
    findPayment: (paymentId, signal) =>
      go('look', signal, () => {
        for (const invoice of invoices) {
          const payment = invoice.payments.find((one) => one.paymentId === paymentId);
          if (payment) return listed(invoice, payment);
        }
        return null;
      }),
    cancelInvoice: (ref, signal) =>
      go('cancel', signal, () => {
        const invoice = invoices.find((one) => one.ref === ref);
        if (!invoice) return 'unknown';
        if (invoice.payments.some(({ status }) => status === 'paid')) return 'paid';
        invoice.state = 'canceled';
        return 'canceled';
      }),
    async *listPayments({ from, to }, signal) {
      const payments = await go('list', signal, () =>
        invoices.flatMap((invoice) => invoice.payments.map((payment) => listed(invoice, payment))),
      );
      yield* payments.filter(({ paidAt: at }) => at !== null && at >= from && at < to);
    },
    paymentIdIn: ({ payment_id: id }) => (typeof id === 'string' ? id : null),
    close: async () => {},
  };
  return provider;
}
