import { createHash } from 'node:crypto';
import pg from 'pg';
import { createDeviceKeySealer } from '../../../../apps/identity/src/device/sealer.ts';
import type { SystemUnderTest } from '../system.ts';
import { loginOf } from './customers.ts';

/** Signs for all of them, so that the yardstick needs no table of keys. */
export const deviceKey = createHash('sha256').update('a key of bench').digest();

/** What the system's identity is told to seal with. */
export const deviceKeySecrets = [{ id: 'bench', secret: 'what bench seals the keys of its devices with' }] as const;

/** A device for each of the first customers, written straight into the tables; gives the customers' numbers. */
export async function seedDevices({ superuserUrl }: SystemUnderTest, count: number): Promise<string[]> {
  const sealer = createDeviceKeySealer(deviceKeySecrets);
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(insertProfile);
    const logins = Array.from({ length: count }, (_, n) => loginOf(n));
    const { rows } = await client.query<{ id: string; number: string }>(insertSessions, [logins]);
    for (const { id } of rows) {
      const { sealedKey, sealedBy } = sealer.seal(id, deviceKey);
      await client.query(insertKey, [id, sealedKey, sealedBy]);
    }
    await client.query('VACUUM ANALYZE identity.session, identity.device_key, identity.signed_request');
    return rows.map(({ number }) => number);
  } finally {
    await client.end();
  }
}

const insertProfile = `
  INSERT INTO identity.app_profile (id, name, region, code_digits, created_at, updated_at)
  VALUES ('bench', 'Bench', 'UA', 6, now(), now()) ON CONFLICT DO NOTHING`;

const insertSessions = `
  WITH opened AS (
    INSERT INTO identity.session (id, customer_id, created_at, last_used_at, user_agent, address)
    SELECT substr(md5('device ' || id), 1, 24), id, now(), now(), 'okhttp/4.12', '203.0.113.7'
    FROM identity.customer WHERE email = ANY ($1)
    RETURNING id, customer_id)
  SELECT opened.id, customer.number FROM opened JOIN identity.customer ON customer.id = opened.customer_id`;

const insertKey = `
  INSERT INTO identity.device_key (session_id, profile_id, sealed_key, sealed_by) VALUES ($1, 'bench', $2, $3)`;
