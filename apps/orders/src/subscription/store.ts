import { lockAggregate, type SqlTx } from '@forecourt/messaging';
import { columnsOf, fromRow, type PeriodRow, type SubscriptionRow, storedPackage, toPeriod } from './row.ts';
import type { Case, Period, Subscription } from './subscription.ts';

type Reads = Pick<SqlTx, '$queryRaw'>;
type Writes = Pick<SqlTx, '$executeRaw'>;

export const lockSubscription = (tx: Writes, id: string): Promise<void> => lockAggregate(tx, 'subscription', id);

/** Nobody begins or ends a subscription of theirs meanwhile; taken before the locks of subscriptions. */
export const lockSubscriber = (tx: Writes, customerId: string): Promise<void> =>
  lockAggregate(tx, 'subscriber', customerId);

/** All of them, in one order, whoever locks several. */
export async function lockSubscriptions(tx: Reads, ids: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT count(pg_advisory_xact_lock(hashtext(current_schema() || '.subscription'), place)) FROM (
      SELECT DISTINCT hashtext(id) AS place FROM unnest(${ids}::text[]) AS id ORDER BY place) AS sorted`;
}

/**
 * Under its lock; of its periods those that were not over by `since`, and the last: who has had something by the day for years
 * has many.
 */
export async function readCase(tx: Reads, id: string, since: Date): Promise<Case> {
  const [row] = await tx.$queryRaw<(SubscriptionRow & { periods: PeriodText[] })[]>`
    SELECT subscription.*, (
      SELECT COALESCE(jsonb_agg(to_jsonb(period) ORDER BY n), '[]') FROM subscription_period AS period
      WHERE period.subscription_id = subscription.id
        AND (period.status NOT IN ('paid', 'dropped') OR period.until > ${since}::timestamptz
          OR period.answered_at > ${since}::timestamptz
          OR n = (SELECT max(n) FROM subscription_period WHERE subscription_id = subscription.id))) AS periods
    FROM subscription WHERE id = ${id}`;
  if (!row) throw new Error(`subscription ${id} is gone`);
  return { subscription: fromRow(row), periods: row.periods.map(fromText) };
}

/** A row of periods as JSON has it. */
type PeriodText = { [Key in keyof PeriodRow]: Texted<PeriodRow[Key]> };
type Texted<T> = T extends Date ? string : T extends bigint ? number : T;

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

const fromText = (text: PeriodText): Period =>
  toPeriod({
    ...text,
    price: BigInt(text.price),
    credit: BigInt(text.credit),
    from: dateOf(text.from),
    until: dateOf(text.until),
    cut_at: dateOf(text.cut_at),
    wanted_at: new Date(text.wanted_at),
    answered_at: dateOf(text.answered_at),
  });

/** With what never changes; the rest follows by `saveSubscription`. */
export async function insertSubscription(tx: Writes, subscription: Subscription): Promise<void> {
  const { id, version, customerId, productId, productNumber, title, line, length, price, currency } = subscription;
  const { state, reason, renews, orderedAt, unpaidSince } = subscription;
  await tx.$executeRaw`
    INSERT INTO subscription (id, version, customer_id, product_id, product_number, title, line, length, price, currency,
      state, reason, renews, ordered_at, unpaid_since)
    VALUES (${id}, ${version}::int, ${customerId}, ${productId}, ${productNumber}::int, ${JSON.stringify(title)}::jsonb,
      ${line}, ${JSON.stringify(length)}::jsonb, ${price}::bigint, ${currency}, ${state}, ${reason}, ${renews}::boolean,
      ${orderedAt}::timestamptz, ${unpaidSince}::timestamptz)`;
}

/** Under its lock, a version further than it was read. */
export async function saveSubscription(tx: Writes, subscription: Subscription, dueAt: Date | null): Promise<void> {
  const { id, version, productId, productNumber, title, length, price, state, reason, renews } = subscription;
  const { from, until, anchor, counted, noticedFor, next, unpaidSince, canceledAt, endedAt } = subscription;
  const { walletVersion, askedVersion, attempts, notBefore } = subscription;
  const saved = await tx.$executeRaw`
    UPDATE subscription SET version = ${version}::int, product_id = ${productId}, product_number = ${productNumber}::int,
      title = ${JSON.stringify(title)}::jsonb, length = ${JSON.stringify(length)}::jsonb, price = ${price}::bigint,
      state = ${state}, reason = ${reason}, renews = ${renews}::boolean, "from" = ${from}::timestamptz,
      until = ${until}::timestamptz, anchor = ${anchor}::timestamptz, counted = ${counted}::int,
      noticed_for = ${noticedFor}::timestamptz, next = ${next && storedPackage(next)}::jsonb,
      unpaid_since = ${unpaidSince}::timestamptz, canceled_at = ${canceledAt}::timestamptz,
      ended_at = ${endedAt}::timestamptz, wallet_version = ${walletVersion}::int, asked_version = ${askedVersion}::int,
      attempts = ${attempts}::int, not_before = ${notBefore}::timestamptz, due_at = ${dueAt}::timestamptz
    WHERE id = ${id} AND version = ${version}::int - 1`;
  if (saved !== 1) throw new Error(`subscription ${id} was changed without its lock`);
}

export const saveDue = (tx: Writes, { id, dueAt }: { id: string; dueAt: Date | null }): PromiseLike<number> =>
  tx.$executeRaw`
    UPDATE subscription SET due_at = ${dueAt}::timestamptz
    WHERE id = ${id} AND due_at IS DISTINCT FROM ${dueAt}::timestamptz`;

/** What is paid for is first given up, then used for something else: so no two are asked for at once. */
export async function savePeriods(tx: Writes, subscriptionId: string, periods: readonly Period[]): Promise<void> {
  if (periods.length === 0) return;
  const rows = JSON.stringify(periods.map((period) => columnsOf(subscriptionId, period)));
  await tx.$executeRaw`
    INSERT INTO subscription_period AS known (subscription_id, n, kind, status, terms, price, credit, "from", until, cut_at,
      wanted_at, answered_at, pending_order_id)
    SELECT subscription_id, n, kind, status, terms, price, credit, "from", until, cut_at, wanted_at, answered_at,
      pending_order_id
    FROM jsonb_to_recordset(${rows}::jsonb) AS row (subscription_id text, n int, kind text, status text, terms jsonb,
      price bigint, credit bigint, "from" timestamptz, until timestamptz, cut_at timestamptz, wanted_at timestamptz,
      answered_at timestamptz, pending_order_id text)
    ORDER BY (status = 'asked'), n
    ON CONFLICT (subscription_id, n) DO UPDATE SET kind = excluded.kind, status = excluded.status, price = excluded.price,
      credit = excluded.credit, "from" = excluded."from", until = excluded.until, cut_at = excluded.cut_at,
      answered_at = excluded.answered_at`;
}

export interface Deed {
  readonly what: string;
  readonly by: string | null;
  readonly note: string | null;
}

export async function insertHistory(
  tx: Writes,
  { id, state, until }: Subscription,
  { what, by, note }: Deed,
  at: Date,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO subscription_history (subscription_id, what, state, until, at, by, note)
    VALUES (${id}, ${what}, ${state}, ${until}::timestamptz, ${at}::timestamptz, ${by}, ${note})`;
}

/** The one that an order of this package is about: of the same product, else of its line. */
export async function findLive(
  tx: Reads,
  { customerId, productId, line }: { customerId: string; productId: string; line: string | null },
): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM subscription WHERE customer_id = ${customerId} AND state <> 'ended'
      AND (product_id = ${productId} OR line = ${line}::text)
    ORDER BY product_id = ${productId} DESC LIMIT 1`;
  return row?.id ?? null;
}

/** Of a customer, those that are not over. */
export async function idsOfLive(tx: Reads, customerId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM subscription WHERE customer_id = ${customerId} AND state <> 'ended' ORDER BY id`;
  return rows.map(({ id }) => id);
}

export interface HeardWallet {
  readonly customerId: string;
  readonly version: number;
  readonly available: bigint;
}

/** Those for which a wallet that was heard of has enough, and that did not know of it. */
export async function idsInWant(
  tx: Reads,
  wallets: readonly HeardWallet[],
): Promise<{ id: string; walletVersion: number }[]> {
  const rows = JSON.stringify(
    wallets.map(({ customerId, version, available }) => ({ customerId, version, available: String(available) })),
  );
  return await tx.$queryRaw`
    SELECT subscription.id, max(heard.version) AS "walletVersion"
    FROM jsonb_to_recordset(${rows}::jsonb) AS heard ("customerId" text, version int, available bigint)
    JOIN subscription ON subscription.customer_id = heard."customerId" AND subscription.wallet_version < heard.version
    JOIN subscription_period AS period ON period.subscription_id = subscription.id
    WHERE period.status IN ('asked', 'refused') AND period.price <= heard.available AND subscription.state <> 'ended'
    GROUP BY subscription.id ORDER BY subscription.id`;
}

/** Those that are due, the one first that has been so for longest; nobody else works on them until `lease`. */
export async function takeDue(
  db: Reads,
  { now, lease, most }: { now: Date; lease: Date; most: number },
): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE subscription SET taken_until = ${lease}::timestamptz
    WHERE id = ANY (ARRAY(
      SELECT id FROM subscription
      WHERE due_at <= ${now}::timestamptz AND (taken_until IS NULL OR taken_until <= ${now}::timestamptz
        OR taken_until > ${farAhead(now, lease)}::timestamptz)
      ORDER BY due_at LIMIT ${most}::int FOR UPDATE SKIP LOCKED))
    RETURNING id`;
  return rows.map(({ id }) => id);
}

/** A mark that lies further ahead than anybody sets one is of a clock that ran ahead, and is not waited for. */
const farAhead = (now: Date, lease: Date) => new Date(2 * lease.getTime() - now.getTime());

export async function handBack(db: Writes, { id, lease }: { id: string; lease: Date }): Promise<void> {
  await db.$executeRaw`
    UPDATE subscription SET taken_until = NULL WHERE id = ${id} AND taken_until = ${lease}::timestamptz`;
}
