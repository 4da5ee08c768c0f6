import type { SqlTx } from '@forecourt/messaging';
import type { ListedPayment } from '../../provider/provider.ts';

export interface ManualInvoice {
  readonly ref: string;
  readonly number: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly canceledAt: Date | null;
}

export interface Confirmation {
  readonly paymentId: string;
  readonly ref: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly operatorId: string;
  readonly confirmedAt: Date;
}

interface PaymentRow extends Pick<ListedPayment, 'paymentId' | 'amount' | 'currency' | 'paidAt'> {
  readonly ref: string;
}

/** The same number again gives the invoice that it has already. */
export async function insertInvoice(
  db: SqlTx,
  { ref, number, amount, currency, madeAt }: Omit<ManualInvoice, 'canceledAt'> & { readonly madeAt: Date },
): Promise<string> {
  const [row] = await db.$queryRaw<{ ref: string }[]>`
    INSERT INTO manual_invoice (ref, number, amount, currency, made_at)
    VALUES (${ref}, ${number}, ${amount}::bigint, ${currency}, ${madeAt}::timestamptz)
    ON CONFLICT (number) DO UPDATE SET number = excluded.number
    RETURNING ref`;
  if (!row) throw new Error('an invoice was neither made nor found');
  return row.ref;
}

export const findInvoice = async (db: SqlTx, ref: string): Promise<ManualInvoice | null> => {
  const [row] = await db.$queryRaw<ManualInvoice[]>`
    SELECT ref, number, amount, currency, canceled_at AS "canceledAt" FROM manual_invoice WHERE ref = ${ref}`;
  return row ?? null;
};

/** Only one that nobody has paid. */
export const cancelUnpaid = (db: SqlTx, ref: string, now: Date): PromiseLike<number> =>
  db.$executeRaw`
    UPDATE manual_invoice SET canceled_at = ${now}::timestamptz
     WHERE ref = ${ref} AND canceled_at IS NULL
       AND NOT EXISTS (SELECT FROM manual_payment WHERE manual_payment.ref = manual_invoice.ref)`;

/** False: the bank's transfer of this name is there already. */
export const insertPayment = async (db: SqlTx, payment: Confirmation): Promise<boolean> =>
  (await db.$executeRaw`
    INSERT INTO manual_payment (id, ref, amount, currency, operator_id, confirmed_at)
    VALUES (${payment.paymentId}, ${payment.ref}, ${payment.amount}::bigint, ${payment.currency}, ${payment.operatorId},
            ${payment.confirmedAt}::timestamptz)
    ON CONFLICT (id) DO NOTHING`) === 1;

const asListed = (row: PaymentRow): ListedPayment => ({ ...row, status: 'paid' });

export const listOf = async (db: SqlTx, ref: string): Promise<ListedPayment[]> =>
  (
    await db.$queryRaw<PaymentRow[]>`
      SELECT id AS "paymentId", ref, amount, currency, confirmed_at AS "paidAt" FROM manual_payment
       WHERE ref = ${ref} ORDER BY confirmed_at, id`
  ).map(asListed);

export const findPayment = async (db: SqlTx, paymentId: string): Promise<ListedPayment | null> => {
  const [row] = await db.$queryRaw<PaymentRow[]>`
    SELECT id AS "paymentId", ref, amount, currency, confirmed_at AS "paidAt" FROM manual_payment WHERE id = ${paymentId}`;
  return row ? asListed(row) : null;
};

export const listBetween = async (
  db: SqlTx,
  { from, to, after, limit }: { from: Date; to: Date; after: ListedPayment | null; limit: number },
): Promise<ListedPayment[]> =>
  (
    await db.$queryRaw<PaymentRow[]>`
      SELECT id AS "paymentId", ref, amount, currency, confirmed_at AS "paidAt" FROM manual_payment
       WHERE confirmed_at >= ${from}::timestamptz AND confirmed_at < ${to}::timestamptz
         AND (confirmed_at, id) > (${after?.paidAt ?? from}::timestamptz, ${after?.paymentId ?? ''})
       ORDER BY confirmed_at, id LIMIT ${limit}::int`
  ).map(asListed);
