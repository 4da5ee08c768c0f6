import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorder } from '../history.ts';
import { seeded } from '../random.ts';
import type { Yard } from '../yard.ts';
import { listOrders, logIn, logOut, refresh, register, whoAmI } from './account.ts';
import { createAsker } from './asking.ts';
import { browse, readProduct, search } from './browsing.ts';
import { buy } from './buying.ts';
import { charge, chargeSession } from './charging.ts';
import { createClient } from './client.ts';
import type { Crowd } from './crowd.ts';
import { type Driver, driverReturns, enterSurely } from './driver.ts';
import { driveUp, lookAtMap } from './driving.ts';
import { moveOrder, readOrder, recount, reprice } from './operating.ts';
import { fill, replenish } from './paying.ts';
import { somebody } from './person.ts';
import type { Shop } from './shop.ts';
import { patientlySignIn, signIn } from './sign-in.ts';
import { subscribe } from './subscribing.ts';

export interface LoadOptions {
  readonly gateway: string;
  /** Of the payment provider's pages. */
  readonly bank: string;
  /** As whoever asks payments sees it. */
  readonly natsUrl: string;
  readonly streamPrefix: string;
  readonly shop: Shop;
  readonly yard: Yard;
  readonly history: Recorder;
  readonly seed: number;
  readonly seconds: number;
  /** Arrivals a second. */
  readonly rate: number;
}

/** Of some hundred and thirty arrivals. Orders and what moves money come out as many more operations, since each is said up to three times. */
const mix: readonly (readonly [weight: number, act: (crowd: Crowd) => Promise<void>])[] = [
  [30, buy],
  [10, browse],
  [10, readProduct],
  [5, search],
  [9, whoAmI],
  [6, listOrders],
  [3, logIn],
  [2, register],
  [6, refresh],
  [2, logOut],
  [8, moveOrder],
  [3, readOrder],
  [3, recount],
  [3, reprice],
  [7, replenish],
  [8, charge],
  [9, chargeSession],
  [1, driverReturns],
  [5, driveUp],
  [2, lookAtMap],
  [6, subscribe],
];
const totalWeight = mix.reduce((sum, [weight]) => sum + weight, 0);

const firstCustomers = 12;
const drivers = 10;
/** Major units: enough for a while; later some find too little in their wallets. */
const firstMoney = 300;
const guests = 8;
const subscribers = 12;
/** More than that at once would measure this process; who comes then is turned away, and counted. */
const mostAtOnce = 400;
const operatorTokenMs = 10 * 60_000;

/** Those who are there when it begins, with a session each, and the operator. */
export async function gatherCrowd(options: LoadOptions): Promise<Crowd> {
  const { gateway, bank, shop, yard, history, seed } = options;
  const random = seeded(seed ^ 0x10ad);
  let number = 0;
  const crowd: Crowd = {
    client: createClient(gateway, history),
    bank: createClient(bank, history),
    asker: await createAsker(options),
    random,
    products: shop.products,
    customers: [],
    guests: Array.from({ length: guests }, () => somebody(++number, random)),
    drivers: [],
    subscribers: Array.from({ length: subscribers }, (_, index) => ({ phoneNumber: 555_100_000 + index, busy: false })),
    packages: shop.packages,
    yard,
    orders: [],
    operatorToken: await patientlySignIn(gateway),
    over: new AbortController(),
    nextNumber: () => ++number,
  };
  setMaxListeners(0, crowd.over.signal);
  await Promise.all([
    ...Array.from({ length: firstCustomers }, () => register(crowd)),
    ...Array.from({ length: drivers }, (_, index) => recruit(crowd, `+9768800${1000 + index}`, options)),
  ]);
  return crowd;
}

async function recruit(crowd: Crowd, phone: string, options: LoadOptions): Promise<void> {
  const driver = await enterSurely(crowd, phone);
  crowd.drivers.push(driver);
  await fill(crowd, driver, firstMoney);
  driver.card = await giveCard(options, crowd.operatorToken, driver);
}

/**
 * Open load: people come when they come, whether or not those before them have been served, so that a slow system is not
 * spared. Returns when the last one has gone, and tells how many were turned away.
 */
export async function loadSystem(crowd: Crowd, { gateway, history, seconds, rate }: LoadOptions): Promise<number> {
  const { random, client, bank, asker, over } = crowd;
  const keepOperator = setInterval(() => void renew(crowd, gateway), operatorTokenMs);
  const inside = new Set<Promise<void>>();
  let turnedAway = 0;
  const began = performance.now();
  for (let arrival = 0; arrival < seconds * rate; arrival++) {
    await sleep(Math.max(0, began + (arrival * 1000) / rate - performance.now()));
    const act = chosen(random.next());
    if (inside.size >= mostAtOnce) {
      turnedAway++;
      continue;
    }
    const visit = act(crowd).finally(() => inside.delete(visit));
    inside.add(visit);
  }
  history.loadIsOver();
  over.abort();
  await Promise.all(inside);
  clearInterval(keepOperator);
  await Promise.all([client.close(), bank.close(), asker.close()]);
  return turnedAway;
}

function chosen(chance: number): (crowd: Crowd) => Promise<void> {
  let left = chance * totalWeight;
  for (const [weight, act] of mix) {
    if (left < weight) return act;
    left -= weight;
  }
  return browse;
}

async function renew(crowd: Crowd, gateway: string): Promise<void> {
  crowd.operatorToken = await signIn(gateway).catch(() => crowd.operatorToken);
}

async function giveCard(
  { gateway }: LoadOptions,
  operatorToken: string,
  { customerId, phone }: Driver,
): Promise<string> {
  const token = `CARD${phone.slice(-6)}`;
  const response = await fetch(new URL('/admin/cards', gateway), {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ token, customerId }),
  });
  if (response.status !== 201) throw new Error(`a card was answered ${response.status}: ${await response.text()}`);
  return token;
}
