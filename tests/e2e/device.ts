import { createHmac, randomBytes, randomInt } from 'node:crypto';
import pg from 'pg';
import { createDeviceKeySealer } from '../../apps/identity/src/device/sealer.ts';
import type { Person } from './people.ts';
import { system } from './running-system.ts';

/** What an app holds that signs its requests. */
export interface SigningApp {
  /** The customer's number. */
  readonly id: string;
  /** In standard base64. */
  readonly key: string;
  readonly profile: string;
}

/** An app of somebody who signed up elsewhere, written straight into identity's tables. */
export async function anAppOf(
  { customer }: Pick<Person, 'customer'>,
  identity: Readonly<Record<string, string>> = system.identityEnvironment,
): Promise<SigningApp> {
  const { DATABASE_URL: connectionString, DEVICE_KEY_SECRETS = '' } = identity;
  const [id = '', secret = ''] = DEVICE_KEY_SECRETS.split(':');
  const client = new pg.Client({ connectionString });
  await client.connect();
  const [sessionId, key] = [randomBytes(12).toString('hex'), randomBytes(32)];
  const { sealedKey, sealedBy } = createDeviceKeySealer([{ id, secret }]).seal(sessionId, key);
  try {
    await client.query(`
      INSERT INTO app_profile (id, name, region, code_digits, created_at, updated_at)
      VALUES ('signing', 'Signing', 'RU', 6, now(), now()) ON CONFLICT DO NOTHING`);
    const { rows } = await client.query<{ number: string }>(
      `WITH opened AS (
         INSERT INTO session (id, customer_id, created_at, last_used_at) VALUES ($1, $2, now(), now())),
       held AS (
         INSERT INTO device_key (session_id, profile_id, sealed_key, sealed_by) VALUES ($1, 'signing', $3, $4))
       SELECT number FROM customer WHERE id = $2`,
      [sessionId, customer.id, sealedKey, sealedBy],
    );
    return { id: rows[0]?.number as string, key: key.toString('base64'), profile: 'signing' };
  } finally {
    await client.end();
  }
}

export interface Signing {
  readonly method?: string;
  /** Without its query. */
  readonly path: string;
  readonly date?: string;
  readonly nonce?: string;
}

/** The headers of one request, as the app signs it. */
export function signatureOf({ id, key, profile }: SigningApp, { method = 'GET', path, ...wishes }: Signing) {
  const { date = new Date().toUTCString(), nonce = String(randomInt(2 ** 47)) } = wishes;
  const digest = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(method + path + date + nonce)
    .digest('base64');
  return { 'x-hive-date': date, 'hive-profile': profile, authentication: `hmac ${id}:${nonce}:${digest}` };
}
