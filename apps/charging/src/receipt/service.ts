import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import { findBegun } from '../session/lookup.ts';
import { listReadings } from '../session/readings.ts';
import { type Receipt, receiptOf, signedIn } from './receipt.ts';

/** Of a customer's purchase that is over. Refuses `purchase_not_found`, `purchase_move_refused` while it goes on. */
export async function readReceipt(
  { database, receiptSettings }: Pick<Deps, 'database' | 'receiptSettings'>,
  { purchaseId, customerId }: { purchaseId: string; customerId: string },
  language: Language,
): Promise<Receipt> {
  const known = await findBegun(database, { id: purchaseId, customerId });
  if (!known) throw new AppError('purchase_not_found', 'There is no such purchase.');
  if (known.session.state !== 'finished') {
    throw new AppError('purchase_move_refused', 'There is a receipt when the cable is out.');
  }
  const readings = await listReadings(database, purchaseId);
  return receiptOf(
    { session: known.session, signed: signedIn(readings.map(({ raw }) => raw)) },
    language,
    receiptSettings,
  );
}
