import { createHmac, timingSafeEqual } from 'node:crypto';

/** Profile 1 of OCPP's security: what a station's password may be, as operators type it. */
export const leastPasswordBytes = 16;
export const mostPasswordBytes = 40;

/**
 * An AuthorizationKey of 1.6 is written in hex, and stations send it as bytes or as they read it: both are the same
 * password, and so is either case.
 */
const asHex = /^(?:[0-9a-f]{2}){16,40}$/i;

const canonical = (password: Buffer): Buffer => {
  const text = password.toString('latin1');
  return asHex.test(text) ? Buffer.from(text.toLowerCase()) : password;
};

/**
 * Of a password that a machine keeps and nobody has to remember: it is long and drawn by lot, so that a keyed hash is
 * enough, and a storm of stations that come back costs no seconds.
 */
export const hashOf = (secret: string, stationId: string, password: string | Buffer): string =>
  createHmac('sha256', secret)
    .update(`${stationId}\0`)
    .update(canonical(Buffer.from(password)))
    .digest('base64url');

/** In constant time, whatever is compared with. */
export function isPassword(secret: string, stationId: string, presented: Buffer, hash: string | null): boolean {
  const expected = Buffer.from(hash ?? '', 'base64url');
  let same = false;
  for (const spelling of [presented, Buffer.from(presented.toString('hex'))]) {
    const actual = Buffer.from(hashOf(secret, stationId, spelling), 'base64url');
    // both are compared, and against something of the same length
    if (timingSafeEqual(actual, expected.length === actual.length ? expected : Buffer.alloc(actual.length)))
      same = true;
  }
  return same && expected.length > 0;
}

const mostHeader = 512;

/** The password in an `Authorization: Basic`, which may be any bytes; null when it is not the station's own. */
export function passwordIn(authorization: string | undefined, identity: string): Buffer | null {
  const [, encoded] = /^basic +([a-z0-9+/_=-]+) *$/i.exec((authorization ?? '').slice(0, mostHeader)) ?? [];
  if (encoded === undefined) return null;
  const credentials = Buffer.from(encoded, 'base64');
  // Its name may hold a colon: it is known, and not looked for.
  const user = Buffer.from(`${identity}:`);
  return credentials.subarray(0, user.length).equals(user) ? credentials.subarray(user.length) : null;
}
