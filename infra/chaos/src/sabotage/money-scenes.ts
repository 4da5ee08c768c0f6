import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { until } from '../until.ts';
import type { moneySabotages } from './money.ts';
import type { Stage } from './stage.ts';

type MoneyScene = (stage: Stage) => Promise<void>;

const isCredited = (database: pg.Pool, customerId: string) =>
  until(
    async () =>
      (await database.query("SELECT FROM payments.account WHERE kind = 'wallet' AND owner = $1", [customerId]))
        .rowCount === 1,
    'what was paid is in the wallet',
  );

/** A driver who paid, and whom somebody charged: with a word that comes three times. */
const charged: MoneyScene = async ({ purse, database }) => {
  const customerId = await purse.driver(50);
  await isCredited(database, customerId);
  const key = `charge of ${customerId}`;
  for (let times = 0; times < 3; times += 1) await purse.charge(customerId, 700, key);
  await purse.charge(customerId, 90_000);
};

/** Somebody who was given back most of a payment asks for most of it once more. */
const givenBack: MoneyScene = async ({ purse, database }) => {
  const customerId = await purse.driver(50);
  await isCredited(database, customerId);
  const key = `charge of ${customerId}`;
  await purse.charge(customerId, 700, key);
  for (let times = 0; times < 2; times += 1) await purse.refund(key, 600);
};

/** The provider calls back again and again, also when everything was learnt long ago. */
const calledBack: MoneyScene = async (stage) => {
  await charged(stage);
  for (let times = 0; times < 2; times += 1) {
    // An invoice is asked about every other second at most.
    await pause(2_500);
    await stage.provider.callBackAll();
  }
};

const overdue: MoneyScene = async ({ purse, database }) => {
  const customerId = await purse.driver(50);
  await isCredited(database, customerId);
  await purse.charge(customerId, 100);
  await purse.hold(customerId, 500);
  await database.query("UPDATE payments.hold SET expires_at = expires_at - interval '1 min' WHERE status = 'placed'");
  const isFree = async () => (await database.query("SELECT FROM payments.hold WHERE status = 'placed'")).rowCount === 0;
  await until(isFree, 'holds end', { timeoutMs: 5_000 }).catch(() => {});
};

export const moneyScenes: Readonly<Record<keyof typeof moneySabotages, MoneyScene>> = {
  'charged-each-time': charged,
  'credited-each-time': calledBack,
  'settlement-untold': charged,
  'push-unsaid': charged,
  'refunded-beyond-payment': givenBack,
  'balance-drifts': charged,
  'hold-for-ever': overdue,
};
