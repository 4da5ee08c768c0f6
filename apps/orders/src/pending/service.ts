import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import type { Guest } from '../customer/customers.ts';
import type { Deps } from '../deps.ts';
import { type Quote, quote } from '../offer/service.ts';
import { packageOf } from '../subscription/subscription.ts';
import { changePending } from './changing.ts';
import { dueAt, type PendingOrder, waitsSeconds } from './pending.ts';
import { deletePending, insertPending } from './store.ts';

/** Whoever waits for a code. */
export interface Waiting {
  readonly codeRequestId: string;
  /** The number of a client who was made for this order. */
  readonly clientNumber: number | null;
}

interface Caller {
  readonly productNumber: number;
  readonly language: Language;
  readonly address: string;
}

/** Somebody without an account orders, and has one from now on: whoever has the phone confirms it. */
export async function orderAsGuest(
  deps: Deps,
  { productNumber, ...guest }: Guest & Pick<Caller, 'productNumber'>,
): Promise<Waiting> {
  const quoted = await getQuote(deps, productNumber);
  const { customerId, number, made } = await deps.customers.enrol(guest);
  const waiting = await openOrder(deps, quoted, { ...guest, customerId });
  return { ...waiting, clientNumber: made ? number : null };
}

/** A customer orders for themselves, under the number that they know themselves by. */
export async function orderAsCustomer(
  deps: Deps,
  { customerId, clientNumber, productNumber, ...caller }: Caller & { customerId: string; clientNumber: number },
): Promise<Waiting> {
  const customer = await deps.customers.find({ customerId });
  if (customer?.number !== clientNumber) throw new AppError('proof_needed', 'That is not your number.');
  if (customer.blocked) throw new AppError('account_blocked', 'The account is blocked.');
  const quoted = await getQuote(deps, productNumber);
  const { phone } = customer;
  if (phone === null) throw new AppError('phone_not_served', 'There is no phone to send a code to.');
  return { ...(await openOrder(deps, quoted, { ...caller, customerId, phone })), clientNumber: null };
}

async function getQuote(deps: Deps, number: number): Promise<Quote> {
  const quoted = await quote(deps, { number });
  if (quoted) return quoted;
  throw new AppError('product_not_found', `There is no product ${number}.`, { params: { product: number } });
}

const isRefusal = (error: unknown): boolean =>
  error instanceof AppError && error.category !== 'unavailable' && error.category !== 'internal';

/** The order is there before its code is, so that no code confirms what is not; one that gets no code is none. */
async function openOrder(
  deps: Deps,
  { offer, price }: Quote,
  { customerId, phone, language, address }: Omit<Caller, 'productNumber'> & { customerId: string; phone: string },
): Promise<Omit<Waiting, 'clientNumber'>> {
  const { database, clock, currency, customers } = deps;
  const now = clock();
  const order: PendingOrder = {
    id: newObjectId(now),
    version: 1,
    customerId,
    phone,
    language,
    productId: offer.productId,
    productNumber: offer.number,
    sku: offer.sku,
    title: offer.title,
    price,
    currency,
    terms: offer.package && packageOf(offer, offer.package, price),
    status: 'pending',
    reason: null,
    codeRequestId: null,
    subscriptionId: null,
    orderId: null,
    orderedAt: now,
    expiresAt: new Date(now.getTime() + waitsSeconds * 1_000),
    confirmedAt: null,
    endedAt: null,
    attempts: 0,
  };
  await insertPending(database, order, dueAt(order, now));
  const wish = { reference: order.id, lapsesAt: order.expiresAt, customerId, phone, language, address };
  const { codeRequestId } = await customers.sendCode(wish).catch(async (error: unknown) => {
    // Where nobody knows, the code may have gone out.
    if (isRefusal(error)) await deletePending(database, order.id);
    throw error;
  });
  await changePending(deps, order.id, (before) => ({ ...before, codeRequestId }));
  return { codeRequestId };
}
