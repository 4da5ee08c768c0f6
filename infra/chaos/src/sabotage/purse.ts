import { randomInt, randomUUID } from 'node:crypto';
import type { Operation, Recorder } from '../history.ts';
import { type Asker, createAsker } from '../load/asking.ts';
import { createClient } from '../load/client.ts';
import { enter } from '../load/driver.ts';
import { fill } from '../load/paying.ts';
import { seeded } from '../random.ts';

/** The hands of drivers and of who charges them; what they do is remembered. */
export interface Purse {
  /** Somebody new who has asked for so much, in major units, and paid it. Gives the customer's id. */
  driver(major: number): Promise<string>;
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

  return {
    async driver(major) {
      const driver = await enter(ways, `+976${randomInt(88_000_000, 89_000_000)}`);
      if (!driver) throw new Error('a driver could not sign in');
      await fill(ways, driver, major);
      return driver.customerId;
    },
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
