import { decimalsOf } from '@forecourt/dialects';
import { z } from 'zod';
import type { InvoiceReport, ListedPayment, SeenPayment } from '../../provider/provider.ts';

const Id = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^[\w-]{1,64}$/));

/** Where an invoice is paid: somewhere else with TLS, or on this machine. */
const PageUrl = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine((url) => /^(https:|http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/])/.test(url));

export const MadeInvoice = z.object({ invoice_id: Id, qPay_shortUrl: PageUrl });

const statusesOfInvoices: Readonly<Record<string, InvoiceReport['invoice']>> = {
  CLOSED: 'closed',
  PAID: 'closed',
  CANCELED: 'canceled',
  CANCELLED: 'canceled',
  EXPIRED: 'canceled',
};

/** A status that nobody has told us of is no reason to stop asking. */
export const ReadInvoice = z.object({
  invoice_status: z.string().transform((status): InvoiceReport['invoice'] => statusesOfInvoices[status] ?? 'open'),
  sender_invoice_no: z.string().max(100).nullish(),
});

const statusesOfPayments: Readonly<Record<string, SeenPayment['status']>> = {
  NEW: 'pending',
  PAID: 'paid',
  FAILED: 'failed',
  REFUND: 'refunded',
  REFUNDED: 'refunded',
};

const payment = {
  payment_id: Id,
  /** PARTIAL, of which nobody has written down what the amount then is, and whatever they think of next. */
  payment_status: z.string().transform((status): SeenPayment['status'] => statusesOfPayments[status] ?? 'unclear'),
  payment_amount: z.union([z.string(), z.number().transform(String)]),
  payment_currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('MNT'),
  trx_fee: z.unknown().optional(),
};

interface Row extends z.output<z.ZodObject<typeof payment>> {}

const seen = (row: Row, context: z.core.$RefinementCtx): SeenPayment => {
  const { payment_id: paymentId, payment_status: status, payment_amount: text, payment_currency: currency } = row;
  const amount = minorUnits(text, currency);
  if (amount !== null) return { paymentId, amount, currency, status, ...feeOf(row, amount) };
  context.addIssue({ code: 'custom', message: 'is no amount', input: text });
  return z.NEVER;
};

/** No reason to keep a payment from its customer, whatever it says. */
function feeOf({ trx_fee: text, payment_currency: currency }: Row, amount: bigint): { fee?: bigint } {
  const fee = typeof text === 'string' || typeof text === 'number' ? minorUnits(String(text), currency) : null;
  return fee !== null && fee > 0n && fee < amount ? { fee } : {};
}

/** A row of one invoice. */
export const CheckedPayment = z.object(payment).transform((row, context): SeenPayment => seen(row, context));

/** A row of all that was paid, or one payment by itself. */
export const DatedPayment = z
  .object({
    ...payment,
    payment_date: z.string().nullish(),
    object_type: z.string().nullish(),
    object_id: z.union([z.string(), z.int()]).nullish(),
  })
  .transform((row, context): ListedPayment => {
    const { object_type: kind, object_id: id, payment_date: date } = row;
    return {
      ...seen(row, context),
      ref: kind === 'INVOICE' && id !== null && id !== undefined ? String(id) : null,
      paidAt: instantOf(date ?? ''),
    };
  });

/** `paid_amount` is not believed, and not there when nothing was paid. */
export const pageOf = <S extends z.ZodType>(row: S) => z.object({ count: z.int().nonnegative(), rows: z.array(row) });

/** "10.00" and 10 of a currency with two decimals, "10.00" of one without any; not "10.005" of either. */
export function minorUnits(text: string, currency: string): bigint | null {
  const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d{1,10}))?$/.exec(text) ?? [];
  const decimals = decimalsOf(currency);
  if (whole === undefined || /[1-9]/.test(fraction.slice(decimals))) return null;
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
}

/** With a zone, or without one: in Ulaanbaatar then. */
function instantOf(text: string): Date | null {
  const bare = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/.exec(text);
  const instant = new Date(bare ? `${bare[1]}T${bare[2]}+08:00` : text);
  return Number.isNaN(instant.getTime()) ? null : instant;
}
