import type { Deps } from '../deps.ts';
import type { ListedPayment } from '../provider/provider.ts';
import {
  type BookedPayment,
  compare,
  type Difference,
  nothing,
  plus,
  type Sum,
  unknownToProvider,
} from './reconciliation.ts';
import { findBooked, listBooked } from './store.ts';

export interface Report {
  readonly provider: string;
  /** What the provider says was paid, in our currency. */
  readonly listed: Sum;
  /** What of that is in wallets. */
  readonly credited: Sum;
  readonly differences: readonly Difference[];
  /** false: there is more than is told here. */
  readonly complete: boolean;
}

export interface Time {
  readonly from: Date;
  /** Not in it. */
  readonly to: Date;
}

const atOnce = 500;
const mostDifferences = 1_000;
/** Providers forbid to be asked for many payments one by one. */
const mostQuestions = 50;

/**
 * Compares what a provider says was paid in a time with our books, both ways. We may hear of a payment days after it
 * was made: what the provider lists is looked for among all payments, and what we have heard of in that time and the provider
 * does not list for it is asked for by its id.
 */
export async function reconcile(
  { database, provider, currency }: Pick<Deps, 'database' | 'provider' | 'currency'>,
  time: Time,
  signal: AbortSignal,
): Promise<Report> {
  const { name } = provider;
  const differences: Difference[] = [];
  const seen = new Set<string>();
  let listed = nothing;
  let credited = nothing;

  for await (const payments of chunksOf(provider.listPayments(time, signal), atOnce)) {
    const booked = await findBooked(
      database,
      name,
      payments.map(({ paymentId }) => paymentId),
    );
    for (const payment of payments) {
      if (seen.has(payment.paymentId)) continue;
      seen.add(payment.paymentId);
      const ours = booked.get(payment.paymentId) ?? null;
      const difference = compare(payment, ours);
      if (difference) differences.push(difference);
      if (payment.status !== 'paid' || payment.currency !== currency) continue;
      listed = plus(listed, payment.amount);
      if (ours?.transferId && ours.currency === currency) credited = plus(credited, ours.amount);
    }
  }

  let questions = 0;
  for await (const ours of bookedIn(database, name, time)) {
    if (seen.has(ours.paymentId)) continue;
    questions += 1;
    if (questions > mostQuestions) break;
    const payment = await provider.findPayment(ours.paymentId, signal);
    const difference = payment ? compare(payment, ours) : unknownToProvider(ours);
    if (difference) differences.push(difference);
  }
  return {
    provider: name,
    listed,
    credited,
    differences: differences.slice(0, mostDifferences),
    complete: questions <= mostQuestions && differences.length <= mostDifferences,
  };
}

async function* bookedIn(database: Deps['database'], provider: string, time: Time): AsyncGenerator<BookedPayment> {
  for (let after: BookedPayment | null = null; ; ) {
    const page: BookedPayment[] = await listBooked(database, provider, { ...time, after, limit: atOnce });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < atOnce) return;
    after = last;
  }
}

async function* chunksOf(
  payments: AsyncIterable<ListedPayment>,
  size: number,
): AsyncGenerator<readonly ListedPayment[]> {
  let chunk: ListedPayment[] = [];
  for await (const payment of payments) {
    chunk.push(payment);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
