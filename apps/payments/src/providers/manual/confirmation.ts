import { AppError } from '@forecourt/errors';
import type { Deps } from '../../deps.ts';
import { findInvoice, makeDue } from '../../replenishment/store.ts';
import { manualName } from './provider.ts';
import { type Confirmation, findPayment, insertPayment } from './store.ts';

export interface Arrival {
  readonly invoiceId: string;
  /** What the bank calls the transfer. */
  readonly paymentId: string;
  readonly amount: bigint;
  readonly operatorId: string;
}

/**
 * An operator has seen a transfer arrive: less than was asked for, more, late, or a second one, what is there is the
 * customer's. It goes into the wallet as what any provider tells does. The same transfer again changes nothing.
 */
export async function confirmTransfer(
  { database, clock, hints }: Pick<Deps, 'database' | 'clock' | 'hints'>,
  { invoiceId, paymentId, amount, operatorId }: Arrival,
): Promise<void> {
  const invoice = await findInvoice(database, invoiceId);
  if (!invoice) throw new AppError('invoice_not_found', 'There is no such invoice.');
  const { provider, providerRef: ref, currency } = invoice;
  if (provider !== manualName || ref === null) {
    throw new AppError('invoice_move_refused', 'What is paid on this invoice is not confirmed by hand.');
  }
  const now = clock();
  const payment: Confirmation = { paymentId, ref, amount, currency, operatorId, confirmedAt: now };
  if (!(await insertPayment(database, payment))) {
    const known = await findPayment(database, paymentId);
    if (known?.ref !== ref || known.amount !== amount) {
      throw new AppError(
        'idempotency_key_reused',
        'This transfer was confirmed before, with another invoice or amount.',
      );
    }
  }
  await makeDue(database, { invoiceId, now, pause: 0 });
  hints.happened();
}
