import { until } from '../until.ts';
import type { Stage } from './stage.ts';
import type { subscriptionSabotages } from './subscriptions.ts';

type SubscriptionScene = (stage: Stage) => Promise<void>;

/** What was asked of payments has been answered, and noted. */
const isAnswered = ({ database }: Stage, timeoutMs = 10_000) =>
  until(
    async () => {
      const { rows } = await database.query<{ open: number; all: number }>(`
        SELECT count(*) FILTER (WHERE status IN ('wanted', 'asked'))::int AS open, count(*)::int AS all
        FROM orders.subscription_period`);
      return rows[0]?.open === 0 && rows[0].all > 0;
    },
    '',
    { timeoutMs },
  ).catch(() => {});

/** Somebody orders without money, pays in, and has it. */
const subscribed: SubscriptionScene = async (stage) => {
  const { shop, purse } = stage;
  const number = await shop.package(100);
  const subscriber = purse.subscriber();
  await purse.order(subscriber, number);
  await isAnswered(stage);
  await purse.payIn(subscriber, 150);
  const isHeard = async () =>
    (await stage.database.query("SELECT FROM orders.subscription_period WHERE status = 'paid'")).rowCount !== 0;
  await until(isHeard, '', { timeoutMs: 5_000 }).catch(() => {});
  await isAnswered(stage);
};

/** Nobody looks at what was confirmed, for longer than anybody may have it in hand. */
const forgotten: SubscriptionScene = async (stage) => {
  const number = await stage.shop.package(100);
  await stage.purse.order(stage.purse.subscriber(), number);
  await isAnswered(stage, 5_000);
};

export const subscriptionScenes: Readonly<Record<keyof typeof subscriptionSabotages, SubscriptionScene>> = {
  'period-charged-each-time': subscribed,
  'active-without-money': subscribed,
  'paid-for-nothing': subscribed,
  'period-of-another-price': subscribed,
  'order-for-ever': forgotten,
};
