import type { Operation } from '../history.ts';
import { defineCheck, type Tally } from './check.ts';

export interface SubscriptionMaterial {
  readonly subscriptions: readonly StoredSubscription[];
  readonly periods: readonly StoredPeriod[];
  /** What was taken from wallets for periods, and not given back whole. */
  readonly charges: readonly { readonly key: string; readonly owner: string; readonly amount: number }[];
  readonly pending: readonly StoredPending[];
  readonly asked: readonly Operation[];
}

interface StoredSubscription {
  readonly id: string;
  readonly customerId: string;
  readonly line: string | null;
  readonly productId: string;
  readonly state: string;
  /** It is active, and not past its end. */
  readonly inForce: boolean;
  /** A period of it is paid for, now. */
  readonly covered: boolean;
  readonly overdueSeconds: number;
}

interface StoredPeriod {
  readonly id: string;
  readonly n: number;
  readonly customerId: string;
  readonly status: string;
  readonly price: number;
}

interface StoredPending {
  readonly id: string;
  readonly verification: string | null;
  readonly status: string;
  readonly overdueSeconds: number;
}

type Kind = 'periods' | 'charges' | 'subscriptions' | 'pending orders' | 'confirmations';

/** A round a second, and the minute for which somebody who died keeps what they had in hand; then payments' pauses. */
const overdueSeconds = 90;

export const subscriptions = defineCheck<SubscriptionMaterial, Kind>({
  name: 'subscriptions',
  what: 'A period is paid for once, and what is active is paid for; what was confirmed comes to something, and nothing waits for ever.',
  kinds: ['periods', 'charges', 'subscriptions', 'pending orders', 'confirmations'],
  optional: ['charges'],
  // Who dies with one in hand keeps it for a minute, and payments is left alone for minutes after it was away.
  patienceMs: 150_000,

  async gather({ database, history }) {
    // Whoever began a period may have had a clock that was minutes ahead.
    const rowsOf = async <Row extends object>(sql: string) => (await database.query<Row>(sql)).rows;
    return {
      subscriptions: await rowsOf(`
        SELECT id, customer_id AS "customerId", line, product_id AS "productId", state,
          state = 'active' AND until > clock_timestamp() AS "inForce",
          EXISTS (SELECT FROM orders.subscription_period AS period WHERE period.subscription_id = subscription.id
            AND period.status = 'paid' AND period.cut_at IS NULL AND period."from" <= clock_timestamp() + interval '10 min'
            AND period.until > clock_timestamp()) AS covered,
          coalesce(extract(epoch FROM clock_timestamp() - due_at)::float8, 0) AS "overdueSeconds"
        FROM orders.subscription`),
      periods: await rowsOf(`
        SELECT subscription_id AS id, n, customer_id AS "customerId", status, period.price::float8
        FROM orders.subscription_period AS period JOIN orders.subscription ON id = subscription_id`),
      charges: await rowsOf(`
        SELECT t.key, a.owner, -p.amount::float8 AS amount
        FROM payments.transfer AS t
        JOIN payments.posting AS p ON p.transfer_id = t.id
        JOIN payments.account AS a ON a.id = p.account_id AND a.kind = 'wallet'
        WHERE t.key LIKE 'subscription:%' AND t.kind = 'charge'
          AND NOT EXISTS (SELECT FROM payments.transfer AS back WHERE back.refunds = t.id)`),
      pending: await rowsOf(`
        SELECT id, code_request_id::text AS verification, status,
          coalesce(extract(epoch FROM clock_timestamp() - due_at)::float8, 0) AS "overdueSeconds"
        FROM orders.pending_order`),
      asked: history.operations.filter(({ kind }) => kind === 'confirm-order'),
    };
  },

  judge(tally, material) {
    demandMoney(tally, material);
    demandSubscriptions(tally, material);
    demandPending(tally, material);
  },
});

/** Each paid period was charged, once and for what it costs; nothing else was. */
function demandMoney(tally: Tally<Kind>, { periods, charges }: SubscriptionMaterial): void {
  const taken = Map.groupBy(charges, ({ key }) => key);
  for (const { id, n, customerId, status, price } of periods) {
    const found = taken.get(`subscription:${id}:${n}`) ?? [];
    taken.delete(`subscription:${id}:${n}`);
    const due = status === 'paid' && price > 0 ? 1 : 0;
    const isRight =
      found.length === due && found.every(({ amount, owner }) => amount === price && owner === customerId);
    const said = () => JSON.stringify(found);
    tally.demand('periods', isRight, () => `period ${n} of ${id} is ${status} for ${price}; taken was ${said()}`);
  }
  for (const { key } of charges) {
    tally.demand('charges', !taken.has(key), () => `${key} was charged, and there is no such period`);
  }
}

function demandSubscriptions(tally: Tally<Kind>, { subscriptions: all }: SubscriptionMaterial): void {
  for (const { id, state, inForce, covered, overdueSeconds: overdue } of all) {
    const says = () =>
      `subscription ${id} is ${state}${inForce ? '' : ', not in force'}, and ${covered ? '' : 'not '}paid for`;
    tally.demand('subscriptions', inForce === covered, says);
    const isLookedAt = overdue <= overdueSeconds;
    tally.demand('subscriptions', isLookedAt, () => `nobody has looked at ${id} for ${Math.round(overdue)} s`);
  }
  const live = all.filter(({ state }) => state !== 'ended');
  for (const [who, own] of Map.groupBy(
    live,
    ({ customerId, line, productId }) => `${customerId} ${line ?? productId}`,
  )) {
    tally.demand('subscriptions', own.length === 1, () => `${who} has ${own.length} subscriptions at once`);
  }
}

/** None waits beyond its time, and what was acknowledged as confirmed has come to something. */
function demandPending(tally: Tally<Kind>, { pending, asked }: SubscriptionMaterial): void {
  for (const { id, status, overdueSeconds: overdue } of pending) {
    const isInTime = overdue <= overdueSeconds;
    tally.demand('pending orders', isInTime, () => `order ${id} is ${status}, ${Math.round(overdue)} s after its time`);
  }
  const byCode = new Map(pending.map((order) => [order.verification, order]));
  for (const { id, outcome, about } of asked) {
    if (outcome !== 'ok') continue;
    const order = byCode.get(about.verification ?? null);
    const isDone = order?.status === 'done' || order?.status === 'refused';
    tally.demand(
      'confirmations',
      isDone,
      () => `operation ${id} confirmed an order that is ${order?.status ?? 'not there'}`,
    );
  }
}
