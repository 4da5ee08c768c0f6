import { randomUUID } from 'node:crypto';
import { captureHold, chargeWallet, placeHold } from '@forecourt/contracts';
import type { Act } from '../load.ts';
import type { Till } from '../till.ts';
import type { Flow, Places } from './flow.ts';

export const ledgerNames = ['ledger, charge', 'ledger, hot wallet', 'ledger, hold and capture'] as const;

/** Chargers and shops that want money moved at the same time: twice as many as share a transaction of the ledger. */
const askers = 128;
const price = 100n;
const minuteMs = 60_000;

/**
 * Transfers that are asked for as other services do it, by request and reply over the broker; each is a new intention
 * with a key of its own. What a wallet lost must be what was said to have been taken.
 */
export function ledgerFlows(
  { yardstick, ours }: Places,
  { ask, took, audit }: Till,
  wallets: readonly string[],
): Flow[] {
  const [hot = '', ...others] = wallets;
  const anyOf = (n: number) => others[n % others.length] as string;
  const flow = (name: (typeof ledgerNames)[number], path: string, wallet: (n: number) => string, act: Act): Flow => ({
    name,
    connections: askers,
    yardstick: {
      place: yardstick,
      visitors: {
        expectedStatus: 201,
        request: (n) => ({
          method: 'POST',
          path,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ key: randomUUID(), wallet: wallet(n), amount: Number(price) }),
        }),
      },
    },
    ours: { place: ours, visitors: act },
    audit,
  });
  const charging =
    (wallet: (n: number) => string): Act =>
    async (n) => {
      const wish = { key: randomUUID(), customerId: wallet(n), amount: price, reference: 'bench' };
      await ask(chargeWallet, { ...wish, revenue: 'goods' });
      took(price);
    };
  const holdingAndCapturing: Act = async (n) => {
    const key = randomUUID();
    const expiresAt = new Date(Date.now() + minuteMs);
    await ask(placeHold, { key, customerId: anyOf(n), amount: 2n * price, reference: 'bench', expiresAt });
    await ask(captureHold, { key, amount: price, revenue: 'charging' });
    took(price);
  };
  return [
    flow('ledger, charge', '/ledger/charge', anyOf, charging(anyOf)),
    flow(
      'ledger, hot wallet',
      '/ledger/charge',
      () => hot,
      charging(() => hot),
    ),
    flow('ledger, hold and capture', '/ledger/hold-and-capture', anyOf, holdingAndCapturing),
  ];
}
