import { randomInt, randomUUID } from 'node:crypto';
import type { Operation, Recorder } from '../history.ts';
import { type Asker, createAsker } from '../load/asking.ts';
import { createClient } from '../load/client.ts';
import { type Driver, enterSurely } from '../load/driver.ts';
import { type Course, chargeOnce } from '../load/one-charge.ts';
import { fill } from '../load/paying.ts';
import { fillUp, orderPackage, type Subscriber } from '../load/subscribing.ts';
import { seeded } from '../random.ts';
import { until } from '../until.ts';
import type { Bay } from '../yard.ts';

/** The hands of drivers and of who charges them; what they do is remembered. */
export interface Purse {
  /** Somebody new who has asked for so much, in major units, and paid it. Gives the customer's id. */
  driver(major: number): Promise<string>;
  /** Somebody new, with money, charges at this device for some seconds, and ends it; or never plugs in. */
  chargeAt(bay: Bay, course: Course): Promise<void>;
  /** Somebody new on the site. */
  subscriber(): Subscriber;
  /** They order this package, and enter the code. */
  order(subscriber: Subscriber, productNumber: number): Promise<void>;
  /** They pay in so much, in major units; they are signed in since their first order. */
  payIn(subscriber: Subscriber, major: number): Promise<void>;
  charge(customerId: string, amount: number, key?: string): Promise<Operation>;
  /** Gives back so much of what was charged under a key. */
  refund(of: string, amount: number): Promise<Operation>;
  /** Overdue a second later. */
  hold(customerId: string, amount: number): Promise<Operation>;
  close(): Promise<void>;
}

export interface PurseOptions {
  readonly gateway: string;
  readonly bank: string;
  readonly natsUrl: string;
  readonly streamPrefix: string;
  readonly operatorToken: string;
  readonly history: Recorder;
}

const timeoutMs = 10_000;

export async function openPurse(options: PurseOptions): Promise<Purse> {
  const { gateway, bank: pages, operatorToken, history } = options;
  const client = createClient(gateway, history);
  const bank = createClient(pages, history);
  const asker: Asker = await createAsker(options);
  const ways = { client, bank, operatorToken, random: seeded(1) };

  async function newDriver(major: number): Promise<Driver> {
    const driver = await enterSurely(ways, `+976${randomInt(88_000_000, 89_000_000)}`);
    await fill(ways, driver, major);
    return driver;
  }

  return {
    driver: async (major) => (await newDriver(major)).customerId,
    subscriber: () => ({ phoneNumber: randomInt(555_200_000, 555_999_999), busy: false }),
    order: (subscriber, productNumber) =>
      until(() => orderPackage(ways, subscriber, productNumber), 'an order of a package', { everyMs: 1_000 }),
    payIn: (subscriber, major) => until(() => fillUp(ways, subscriber, major), 'a replenishment', { everyMs: 1_000 }),
    chargeAt: async (bay, course) => chargeOnce(client, bay, await newDriver(100), course),
    charge: (customerId, amount, key = randomUUID()) =>
      asker.ask({
        kind: 'charge',
        about: { key, customerId, amount },
        request: { key, customerId, amount, revenue: 'charging', reference: key },
        timeoutMs,
      }),
    refund(of, amount) {
      const key = randomUUID();
      return asker.ask({
        kind: 'refund',
        about: { key, of, amount },
        request: { key, of, amount, reason: 'it did not work' },
        timeoutMs,
      });
    },
    hold(customerId, amount) {
      const key = randomUUID();
      const expiresAt = new Date(Date.now() + 1_000).toISOString();
      return asker.ask({
        kind: 'hold',
        about: { key, customerId, amount },
        request: { key, customerId, amount, reference: key, expiresAt },
        timeoutMs,
      });
    },
    async close() {
      await Promise.all([client.close(), bank.close(), asker.close()]);
    },
  };
}
