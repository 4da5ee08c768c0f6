import pg from 'pg';
import type { SystemUnderTest } from '../system.ts';

/**
 * A package in force for each customer, written straight into the table; nothing falls due while it is measured. Gives
 * the customers' numbers by their ids.
 */
export async function seedSubscriptions({
  superuserUrl,
}: Pick<SystemUnderTest, 'superuserUrl'>): Promise<ReadonlyMap<string, string>> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(insertSubscriptions);
    await client.query('VACUUM ANALYZE orders.subscription');
    const { rows } = await client.query<{ id: string; number: string }>(
      `SELECT id, number FROM identity.customer WHERE email LIKE 'bench-%'`,
    );
    return new Map(rows.map(({ id, number }) => [id, number]));
  } finally {
    await client.end();
  }
}

/** A key of a program that may follow the products. */
export async function partnerKey({
  gatewayUrl,
  operatorToken,
}: Pick<SystemUnderTest, 'gatewayUrl' | 'operatorToken'>): Promise<string> {
  const response = await fetch(new URL('/admin/service-accounts', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await operatorToken()}` },
    body: JSON.stringify({ name: 'Bench', roles: ['partner'] }),
  });
  if (response.status !== 201) throw new Error(`a key was answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { key: string }).key;
}

const insertSubscriptions = `
  INSERT INTO orders.subscription (id, customer_id, product_id, product_number, title, length, price, currency, state,
    reason, renews, "from", until, anchor, counted, ordered_at)
  SELECT substr(md5('subscription ' || customer.id), 1, 24), customer.id, package.product_id, package.number, '{"uk": "Пакет"}',
    '{"unit": "month", "count": 1}', 4500, 'UAH', 'active', 'confirmed', true, now() - interval '1 day',
    now() + interval '20 days', now() - interval '1 day', 1, now() - interval '1 day'
  FROM identity.customer, (SELECT id AS product_id, number FROM catalog.product WHERE package IS NOT NULL LIMIT 1) AS package
  WHERE email LIKE 'bench-%'`;
