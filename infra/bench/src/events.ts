import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { percentile } from './load.ts';
import type { SeededShop } from './seed.ts';
import type { SystemUnderTest } from './system.ts';

/**
 * From the transaction that tells an event to the transaction that applies it, for every consumer that keeps an inbox.
 * Both instants are the database's own clock, so that no polling of ours blurs them. Orders are placed one at a time:
 * this asks how long an event is on its way, not how long it queues.
 */
export async function commitToApplied(
  { gatewayUrl, superuserUrl }: SystemUnderTest,
  shop: SeededShop,
  count: number,
): Promise<{ p50: number; p99: number; samples: number }> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const schemas = ['identity', 'catalog', 'orders'];
  const { rows: started } = await client.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  const product = shop.products[0];
  if (!product) throw new Error('nothing to order');

  for (let n = 0; n < count; n++) {
    const response = await fetch(new URL('/orders', gatewayUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        phone: '+380671234567',
        clientId: `bench-events-${n}`,
        items: [{ productId: product.id, sku: product.sku, quantity: 1, price: product.price }],
      }),
    });
    if (response.status !== 201) throw new Error(`an order was answered ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
  }

  const applied = schemas.map((schema) => `SELECT message_id, at FROM ${schema}.inbox`).join(' UNION ALL ');
  const query = `SELECT 1000 * extract(epoch FROM inbox.at - outbox.at)::float8 AS ms
    FROM orders.outbox JOIN (${applied}) AS inbox ON inbox.message_id = outbox.id::text
    WHERE outbox.at >= $1::timestamptz`;
  const deadline = performance.now() + 10_000;
  for (;;) {
    const { rows } = await client.query<{ ms: number }>(query, [started[0]?.now]);
    if (rows.length >= count || performance.now() > deadline) {
      await client.end();
      const milliseconds = rows.map(({ ms }) => ms);
      return { p50: percentile(milliseconds, 0.5), p99: percentile(milliseconds, 0.99), samples: rows.length };
    }
    await pause(50);
  }
}
