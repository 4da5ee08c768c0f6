import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { journalAt } from './journal.ts';

export interface SandboxPayment {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly status: 'PAID' | 'NEW' | 'FAILED' | 'PARTIAL' | 'REFUND';
  readonly type: 'P2P' | 'CARD';
  readonly at: string;
}

export interface SandboxInvoice {
  readonly id: string;
  /** The last part of its page's address. */
  readonly code: string;
  readonly number: string;
  readonly description: string;
  readonly amount: number;
  readonly receiver: string;
  readonly callbackUrl: string;
  readonly status: 'OPEN' | 'CLOSED' | 'CANCELED';
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly payments: readonly SandboxPayment[];
}

export type NewInvoice = Pick<
  SandboxInvoice,
  'number' | 'description' | 'amount' | 'receiver' | 'callbackUrl' | 'expiresAt'
>;

/** What an operation may answer instead, in QPay's words. */
export type Refusal = 'INVOICE_NOTFOUND' | 'INVOICE_PAID' | 'INVOICE_ALREADY_CANCELED' | 'PAYMENT_NOTFOUND';

export interface Book {
  readonly invoices: ReadonlyMap<string, SandboxInvoice>;
  byCode(code: string): SandboxInvoice | undefined;
  payment(id: string): { invoice: SandboxInvoice; payment: SandboxPayment } | undefined;
  make(wish: NewInvoice): SandboxInvoice;
  /** Of an open invoice, unless it is `anyway`: a bank that had the money on its way already. */
  pay(id: string, payment: Pick<SandboxPayment, 'amount' | 'status'>, anyway?: boolean): SandboxPayment | Refusal;
  cancel(id: string): SandboxInvoice | Refusal;
  giveBack(paymentId: string): SandboxPayment | Refusal;
}

/** Invoices and what was paid on them. With a file it remembers them; a write is in it before the answer is given. */
export function openBook(options: { currency: string; now: () => Date; file: string | undefined }): Book {
  const { currency, now, file } = options;
  const journal = journalAt<SandboxInvoice>(file);
  const invoices = new Map(journal.entries.map((invoice) => [invoice.id, invoice]));
  const codes = new Map([...invoices.values()].map(({ code, id }) => [code, id]));

  const save = (invoice: SandboxInvoice) => {
    journal.add(invoice);
    invoices.set(invoice.id, invoice);
    codes.set(invoice.code, invoice.id);
    return invoice;
  };
  const find = (paymentId: string) => {
    for (const invoice of invoices.values()) {
      const payment = invoice.payments.find(({ id }) => id === paymentId);
      if (payment) return { invoice, payment };
    }
    return undefined;
  };

  return {
    invoices,
    byCode: (code) => invoices.get(codes.get(code) ?? ''),
    payment: find,
    make: (wish) =>
      save({
        ...wish,
        id: randomUUID(),
        code: randomBytes(8).toString('base64url').slice(0, 10),
        status: 'OPEN',
        createdAt: now().toISOString(),
        payments: [],
      }),
    pay(id, { amount, status }, anyway = false) {
      const invoice = invoices.get(id);
      if (!invoice) return 'INVOICE_NOTFOUND';
      const refusal = anyway ? null : closedFor(invoice, now());
      if (refusal) return refusal;
      const type = randomInt(2) === 0 ? 'CARD' : 'P2P';
      const payment = {
        id: type === 'CARD' ? randomUUID() : String(randomInt(10 ** 11, 10 ** 12)),
        amount,
        currency,
        status,
        type,
        at: now().toISOString(),
      } as const;
      const payments = [...invoice.payments, payment];
      const whole = paidOf(payments) >= invoice.amount;
      save({ ...invoice, payments, status: whole && invoice.status === 'OPEN' ? 'CLOSED' : invoice.status });
      return payment;
    },
    cancel(id) {
      const invoice = invoices.get(id);
      if (!invoice) return 'INVOICE_NOTFOUND';
      if (paidOf(invoice.payments) > 0) return 'INVOICE_PAID';
      if (invoice.status === 'CANCELED') return 'INVOICE_ALREADY_CANCELED';
      return save({ ...invoice, status: 'CANCELED' });
    },
    giveBack(paymentId) {
      const { invoice, payment } = find(paymentId) ?? {};
      if (!invoice || !payment) return 'PAYMENT_NOTFOUND';
      const refunded = { ...payment, status: 'REFUND' } as const;
      save({ ...invoice, payments: invoice.payments.map((known) => (known === payment ? refunded : known)) });
      return refunded;
    },
  };
}

export const paidOf = (payments: readonly SandboxPayment[]): number =>
  payments.filter(({ status }) => status === 'PAID').reduce((sum, { amount }) => sum + amount, 0);

/** Why it cannot be paid any more, if so. */
export function closedFor({ status, expiresAt }: SandboxInvoice, now: Date): Refusal | null {
  if (status === 'CLOSED') return 'INVOICE_PAID';
  const expired = expiresAt !== null && now >= new Date(expiresAt);
  return status === 'CANCELED' || expired ? 'INVOICE_ALREADY_CANCELED' : null;
}
