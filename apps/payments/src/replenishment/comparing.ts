import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import type { ListedPayment } from '../provider/provider.ts';
import { learnOfOrphan } from './orphan.ts';
import type { Invoice } from './replenishment.ts';
import { settle } from './settling.ts';
import { findInvoiceOfRef, listKnownPayments } from './store.ts';

export type ComparingDeps = Pick<Deps, 'database' | 'clock' | 'log' | 'provider' | 'patience' | 'wrote'>;

const day = 24 * 3_600_000;
/** A provider may take its time to write a payment into its list. */
const settlesWithin = 3_600_000;
const daysLookedBack = 3;
/** Of a process that compares a day and dies. */
const leaseMs = 30 * 60_000;

export interface Comparison {
  readonly listed: number;
  /** Credited only now. */
  readonly found: number;
  /** For no invoice of ours. */
  readonly unknown: number;
}

/** Once a day the provider's list of the day's payments is gone through, for what no callback and no check has told. */
export async function compareDays(deps: ComparingDeps): Promise<void> {
  const { database, clock, provider, log } = deps;
  for (const from of daysBefore(clock())) {
    const now = clock();
    const claim = { provider: provider.name, day: from, now, lease: new Date(now.getTime() + leaseMs) };
    if (!(await claimDay(database, claim))) continue;
    const comparison = await compareDay(deps, from);
    await endDay(database, { ...claim, now: clock() }, comparison);
    const facts = { provider: provider.name, day: from, ...comparison };
    if (comparison.found + comparison.unknown > 0)
      log.warn(facts, 'the list of a day told of payments that nobody else had');
    else log.info(facts, 'a day is as the provider lists it');
  }
}

/** Whole days, in UTC, that have been over for a while; the oldest first. */
function daysBefore(now: Date): Date[] {
  const today = Math.floor((now.getTime() - settlesWithin) / day) * day;
  return Array.from({ length: daysLookedBack }, (_, place) => new Date(today - (daysLookedBack - place) * day));
}

const pageOf = 100;

async function compareDay(deps: ComparingDeps, from: Date): Promise<Comparison> {
  const signal = AbortSignal.timeout(leaseMs / 2);
  let comparison: Comparison = { listed: 0, found: 0, unknown: 0 };
  let page: ListedPayment[] = [];
  const turn = async () => {
    comparison = await comparePage(deps, page, comparison);
    page = [];
  };
  for await (const payment of deps.provider.listPayments({ from, to: new Date(from.getTime() + day) }, signal)) {
    page.push(payment);
    if (page.length === pageOf) await turn();
  }
  await turn();
  return comparison;
}

async function comparePage(
  deps: ComparingDeps,
  page: readonly ListedPayment[],
  { listed, found, unknown }: Comparison,
): Promise<Comparison> {
  const { database, provider, wrote } = deps;
  const paid = page.filter(({ status }) => status === 'paid');
  const known = await listKnownPayments(database, { provider: provider.name, payments: paid });
  const news = paid.filter(({ paymentId }) => !known.has(paymentId));
  const invoices = await inTurn(news, (payment) => settleListed(deps, payment));
  if (news.length > 0) wrote();
  const strangers = invoices.filter((invoice) => invoice === null).length;
  return { listed: listed + page.length, found: found + news.length - strangers, unknown: unknown + strangers };
}

async function inTurn<Thing, Result>(things: readonly Thing[], work: (thing: Thing) => Promise<Result>) {
  const results: Result[] = [];
  for (const thing of things) results.push(await work(thing));
  return results;
}

/** null: it is for no invoice of ours. */
async function settleListed(deps: ComparingDeps, payment: ListedPayment): Promise<Invoice | null> {
  const { database, log, provider } = deps;
  const { ref, paymentId } = payment;
  const invoice =
    ref === null ? null : ((await findInvoiceOfRef(database, provider.name, ref)) ?? (await learnOfOrphan(deps, ref)));
  if (!invoice) {
    log.warn({ provider: provider.name, paymentId, ref }, 'the provider lists a payment for no invoice of ours');
    return null;
  }
  return await settle(deps, invoice, { payments: [payment], invoice: 'unknown' });
}

interface Claim {
  readonly provider: string;
  readonly day: Date;
  readonly now: Date;
  readonly lease: Date;
}

/** False: it is done, or somebody is at it. */
const claimDay = async (db: Pick<SqlTx, '$executeRaw'>, { provider, day: from, now, lease }: Claim): Promise<boolean> =>
  (await db.$executeRaw`
    INSERT INTO compared_day AS known (provider, day, taken_until)
    VALUES (${provider}, (${from}::timestamptz AT TIME ZONE 'UTC')::date, ${lease}::timestamptz)
    ON CONFLICT (provider, day) DO UPDATE SET taken_until = excluded.taken_until
    WHERE known.done_at IS NULL AND known.taken_until <= ${now}::timestamptz`) === 1;

const endDay = (
  db: Pick<SqlTx, '$executeRaw'>,
  { provider, day: from, now }: Claim,
  { listed, found, unknown }: Comparison,
): PromiseLike<number> =>
  db.$executeRaw`
    UPDATE compared_day SET done_at = ${now}::timestamptz, listed = ${listed}::int, found = ${found}::int,
      unknown = ${unknown}::int
    WHERE provider = ${provider} AND day = (${from}::timestamptz AT TIME ZONE 'UTC')::date`;
