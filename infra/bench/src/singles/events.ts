import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { SeededProduct } from '../seed/products.ts';
import { percentile } from '../statistics.ts';
import type { SystemUnderTest } from '../system.ts';

export interface EventLatency {
  p50Ms: number;
  p99Ms: number;
  samples: number;
}

/** For the last event to arrive everywhere. */
const patienceMs = 10_000;

/**
 * From the transaction that tells an event to the transaction that applies it, for every consumer that keeps an inbox.
 * Both instants are the database's own clock, so that no polling of ours blurs them. Orders are placed one at a time:
 * this asks how long an event is on its way, not how long it queues.
 */
export async function commitToApplied(
  { gatewayUrl, superuserUrl }: SystemUnderTest,
  product: SeededProduct,
  count: number,
): Promise<EventLatency> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows: started } = await client.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
    for (let n = 0; n < count; n++) await placeOrder(gatewayUrl, product, n);
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const { rows } = await client.query<{ ms: number }>(onTheirWay, [started[0]?.now]);
      if (rows.length >= count || performance.now() > deadline) {
        const milliseconds = rows.map(({ ms }) => ms);
        return {
          p50Ms: percentile(milliseconds, 0.5),
          p99Ms: percentile(milliseconds, 0.99),
          samples: rows.length,
        };
      }
      await pause(50);
    }
  } finally {
    await client.end();
  }
}

const applied = ['identity', 'catalog', 'orders']
  .map((schema) => `SELECT message_id, at FROM ${schema}.inbox`)
  .join(' UNION ALL ');
const onTheirWay = `SELECT 1000 * extract(epoch FROM inbox.at - outbox.at)::float8 AS ms
  FROM orders.outbox JOIN (${applied}) AS inbox ON inbox.message_id = outbox.id::text
  WHERE outbox.at >= $1::timestamptz`;

async function placeOrder(gatewayUrl: string, { id, sku, price }: SeededProduct, n: number): Promise<void> {
  const response = await fetch(new URL('/orders', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      phone: '+380671234567',
      clientId: `bench-events-${n}`,
      items: [{ productId: id, sku, quantity: 1, price: price / 100 }],
    }),
  });
  if (response.status !== 201) throw new Error(`an order was answered ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
}
