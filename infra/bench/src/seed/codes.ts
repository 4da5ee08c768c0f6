import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { SystemUnderTest } from '../system.ts';

export interface CodeRequest {
  requestId: string;
  phone: string;
}

/** More than are asked for in a run, so that the table is as a busy day leaves it. */
const count = 20_000;
/** So many that none runs out, as the five of a real one would after five visits. */
const tries = 30_000;

/** Requests for codes that nobody has entered yet, written straight into the table: through the door each would be sent. */
export async function seedCodes({ superuserUrl }: Pick<SystemUnderTest, 'superuserUrl'>): Promise<CodeRequest[]> {
  const requests = Array.from({ length: count }, (_, n) => ({
    requestId: randomUUID(),
    phone: `+38068${String(n).padStart(7, '0')}`,
  }));
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(insertRequests, [
      requests.map(({ requestId }) => requestId),
      requests.map(({ phone }) => phone),
      tries,
    ]);
    await client.query('VACUUM ANALYZE identity.code_request');
    return requests;
  } finally {
    await client.end();
  }
}

const insertRequests = `
  INSERT INTO identity.code_request (id, purpose, channel, recipient, language, facts, nonce, digits, delivers, tries,
    max_tries, sends, created_at, expires_at, resend_at)
  SELECT made.id, 'sign_in', 'sms', made.phone, 'uk', '{"clientId": "bench"}', decode(md5(made.phone), 'hex'), 6, true, 0,
    $3, 1, now(), now() + interval '30 minutes', now()
  FROM unnest($1::uuid[], $2::text[]) AS made(id, phone)`;
