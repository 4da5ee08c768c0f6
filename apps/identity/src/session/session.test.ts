import { countStatements, until } from '@forecourt/testing';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, logIn, type SignedIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { waitingForLocks } from '../../test/locks.ts';
import { judge, type TokenState } from './session.ts';

let identity: TestIdentity;
let customer: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  identity.runtime.clock.advance(3_600_000);
  customer = await aCustomer(identity);
});

const refresh = (refreshToken: unknown) => identity.call('POST', '/auth/refresh', { body: { refreshToken } });
const refused = {
  status: 401,
  body: { statusCode: 401, message: 'Невірний або прострочений refresh токен', error: 'Unauthorized' },
};
const seconds = (n: number) => identity.runtime.clock.advance(n * 1000);
const revocationsOf = async (customerId: string) =>
  (await identity.told('identity.session.revoked.v1'))
    .map(({ data }) => data)
    .filter((data) => data.customerId === customerId);

describe('an access token', () => {
  test('says who, in which session and with which roles, for 900 seconds, verifiable by the published keys', async () => {
    const { body: jwks } = await identity.call('GET', '/.well-known/jwks.json');
    const { payload, protectedHeader } = await jwtVerify(customer.accessToken, createLocalJWKSet(jwks), {
      issuer: 'forecourt',
      audience: 'forecourt',
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
      currentDate: identity.deps.clock(),
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: jwks.keys[0].kid });
    const now = identity.deps.clock().getTime() / 1000;
    expect(payload).toEqual({
      iss: 'forecourt',
      aud: 'forecourt',
      sub: customer.id,
      sid: expect.stringMatching(/^[0-9a-f]{24}$/),
      roles: [],
      iat: now,
      exp: now + 900,
      jti: expect.stringMatching(/^[\w-]{22}$/),
    });
  });

  test('that names our key and another algorithm is a 401, not a fault of ours', async () => {
    const header = { ...decodeProtectedHeader(customer.accessToken), alg: 'ES256' };
    const [, claims, signature] = customer.accessToken.split('.');
    const token = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${claims}.${signature}`;
    expect(await identity.call('GET', '/me', { token })).toMatchObject({ status: 401 });
  });

  test('opens nothing after 900 seconds', async () => {
    seconds(899);
    expect((await identity.call('GET', '/me', { token: customer.accessToken })).status).toBe(200);
    seconds(1);
    expect((await identity.call('GET', '/me', { token: customer.accessToken })).status).toBe(401);
  });
});

describe('a refresh', () => {
  test('gives a new pair, as a bare token object, and the new access token opens the account', async () => {
    const { status, body } = await refresh(customer.refreshToken);
    expect(status).toBe(201);
    expect(body).toStrictEqual({
      accessToken: expect.any(String),
      accessTokenExpiresInSec: 900,
      tokenType: 'bearer',
      refreshToken: expect.any(String),
      refreshTokenExpiresInSec: 2_592_000,
    });
    expect(body.refreshToken).not.toBe(customer.refreshToken);
    expect(body.accessToken).not.toBe(customer.accessToken);
    expect(decodeJwt(body.accessToken)).toMatchObject({ sid: decodeJwt(customer.accessToken).sid, sub: customer.id });
    expect((await identity.call('GET', '/me', { token: body.accessToken })).body.id).toBe(customer.id);
  });

  test('twenty at once with one token all get the same pair, and one successor is stored', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(customer.refreshToken)));
    for (const { status, body } of answers) {
      expect(status).toBe(201);
      expect(body).toEqual(answers[0]?.body);
    }
    const sessionId = String(decodeJwt(customer.accessToken).sid);
    expect(await identity.deps.db.refreshToken.count({ where: { sessionId } })).toBe(2);
  });

  test('waiting for another one of the same token gets the pair that the other one made', async () => {
    const { database } = identity.deps;
    const sessionId = String(decodeJwt(customer.accessToken).sid);
    let waiting: ReturnType<typeof refresh>[] = [];
    await database.transaction(async (tx) => {
      await tx.$executeRaw`SELECT FROM session WHERE id = ${sessionId} FOR UPDATE`;
      waiting = Array.from({ length: 5 }, () => refresh(customer.refreshToken));
      await until(async () => (await waitingForLocks(database)) === 5);
    });
    const answers = await Promise.all(waiting);
    for (const answer of answers) expect(answer).toMatchObject({ status: 201, body: answers[0]?.body });
    expect(await identity.deps.db.refreshToken.count({ where: { sessionId } })).toBe(2);
  });

  test('whose answer was lost answers the same pair again for 30 seconds, even after the pair was used', async () => {
    const { body: first } = await refresh(customer.refreshToken);
    seconds(20);
    expect((await refresh(customer.refreshToken)).body).toEqual(first);
    const { body: second } = await refresh(first.refreshToken);
    seconds(10);
    expect((await refresh(customer.refreshToken)).body).toEqual(first);
    expect((await refresh(first.refreshToken)).body).toEqual(second);
  });

  test('with a token spent more than 30 seconds ago ends the session and all its tokens, and tells everybody once', async () => {
    const { body: thief } = await refresh(customer.refreshToken);
    seconds(31);
    expect(await refresh(customer.refreshToken)).toMatchObject(refused);
    expect(await refresh(customer.refreshToken)).toMatchObject(refused);
    expect(await refresh(thief.refreshToken)).toMatchObject(refused);
    expect(await revocationsOf(customer.id)).toEqual([
      {
        sessionId: decodeJwt(customer.accessToken).sid,
        version: 1,
        customerId: customer.id,
        reason: 'refresh_reused',
        revokedAt: identity.deps.clock().toISOString(),
      },
    ]);
  });

  test('leaves the relay alone, as a login does; and calls it when a stolen token was refused', async () => {
    let woken = 0;
    identity.runtime.writes.listen(() => {
      woken += 1;
    });
    const told = await identity.told();
    await refresh((await logIn(identity, customer)).refreshToken);
    await refresh(customer.refreshToken);
    expect(woken).toBe(0);
    expect(await identity.told()).toEqual(told);
    seconds(31);
    expect(await refresh(customer.refreshToken)).toMatchObject(refused);
    expect(woken).toBe(1);
  });

  test('leaves the other sessions of the customer alone when one is stolen', async () => {
    const other = await logIn(identity, customer);
    await refresh(customer.refreshToken);
    seconds(31);
    await refresh(customer.refreshToken);
    expect((await refresh(other.refreshToken)).status).toBe(201);
  });

  test('keeps a session alive for as long as it is used, and not 30 days longer', async () => {
    const almostThirtyDays = 30 * 86_400 - 1;
    seconds(almostThirtyDays);
    const { body } = await refresh(customer.refreshToken);
    seconds(almostThirtyDays);
    const { status, body: last } = await refresh(body.refreshToken);
    expect(status).toBe(201);
    seconds(almostThirtyDays + 1);
    expect(await refresh(last.refreshToken)).toMatchObject(refused);
  });

  test('carries roles as they are now', async () => {
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { roles: ['operator'] } });
    const { body } = await refresh(customer.refreshToken);
    expect(decodeJwt(body.accessToken).roles).toEqual(['operator']);
  });

  test('repeats its pair across a change of the signing key', async () => {
    const { keyRing, db } = identity.deps;
    seconds(30 * 86_400);
    await keyRing.refresh();
    const { activeFrom } = await db.signingKey.findFirstOrThrow({ orderBy: { activeFrom: 'desc' } });
    identity.runtime.clock.set(new Date(activeFrom.getTime() - 10_000));
    const { refreshToken } = await logIn(identity, customer);
    const { body } = await refresh(refreshToken);
    seconds(20);
    expect((await keyRing.current()).id).not.toBe(decodeProtectedHeader(body.accessToken).kid);
    expect((await refresh(refreshToken)).body).toEqual(body);
  });

  test('is refused for a token that nobody was given', async () => {
    expect(await refresh('A'.repeat(43))).toMatchObject(refused);
    expect(await refresh(customer.accessToken)).toMatchObject(refused);
  });

  test('costs one statement', async () => {
    const { result, statements } = await countStatements(identity.runtime, () => refresh(customer.refreshToken));
    expect(result.status).toBe(201);
    expect(statements).toHaveLength(1);
  });

  test('stores no token that could be used', async () => {
    const { body } = await refresh(customer.refreshToken);
    const rows = await identity.deps.database.$queryRaw<{ row: string }[]>`
      SELECT t::text AS row FROM refresh_token t UNION ALL SELECT s::text FROM session s`;
    for (const token of [customer.refreshToken, body.refreshToken]) {
      const spellings = [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex')];
      for (const spelling of spellings) expect(rows.some(({ row }) => row.includes(spelling))).toBe(false);
    }
  });

  test.each([
    [{}, ['refreshToken should not be empty']],
    [{ refreshToken: '' }, ['refreshToken must be longer than or equal to 1 characters']],
    [{ refreshToken: 7 }, ['refreshToken must be a string']],
    [{ refreshToken: 'x', clientId: 'c' }, ['property clientId should not exist']],
  ])('with %j is a 400', async (body, message) => {
    const answer = await identity.call('POST', '/auth/refresh', { body });
    expect(answer).toMatchObject({ status: 400, body: { message } });
  });
});

describe('a logout', () => {
  const logOut = (token?: string) => identity.call('POST', '/auth/logout', { ...(token && { token }) });

  test('ends this session and no other, and tells everybody once', async () => {
    const other = await logIn(identity, customer);
    expect(await logOut(customer.accessToken)).toMatchObject({ status: 204, body: '' });
    expect((await logOut(customer.accessToken)).status).toBe(204);
    expect(await refresh(customer.refreshToken)).toMatchObject(refused);
    expect((await refresh(other.refreshToken)).status).toBe(201);
    expect(await revocationsOf(customer.id)).toMatchObject([
      { sessionId: decodeJwt(customer.accessToken).sid, reason: 'logout' },
    ]);
  });

  test('beats a refresh of the same instant: what that gives can never be refreshed again', async () => {
    const [{ body }] = await Promise.all([refresh(customer.refreshToken), logOut(customer.accessToken)]);
    expect(await refresh(body.refreshToken ?? customer.refreshToken)).toMatchObject(refused);
  });

  test('needs a token', async () => {
    expect((await logOut()).status).toBe(401);
  });
});

test('a session that is revoked opens nothing, though its access token is young', async () => {
  identity.runtime.issuer.revoke(String(decodeJwt(customer.accessToken).sid));
  expect(await identity.call('GET', '/me', { token: customer.accessToken })).toMatchObject({
    status: 401,
    body: { message: 'Сеанс завершено, увійдіть знову' },
  });
});

const now = new Date('2026-02-19T12:00:00.000Z');
const ago = (n: number) => new Date(now.getTime() - n * 1000);
const spent = (n: number): TokenState => ({
  expiresAt: now,
  spentAt: ago(n),
  sessionEndedAt: null,
  customerBlockedAt: null,
});
test.each([
  ['never issued', null, 'invalid'],
  ['expired', { ...spent(0), spentAt: null }, 'invalid'],
  ['spent just now', spent(0), 'repeat'],
  ['spent by a process whose clock is ahead', spent(-2), 'repeat'],
  ['spent 30 s ago', spent(30), 'repeat'],
  ['spent 30.001 s ago', spent(30.001), 'stolen'],
  ['of a session that ended', { ...spent(0), sessionEndedAt: now }, 'invalid'],
  ['of a session that ended, spent long ago', { ...spent(99), sessionEndedAt: now }, 'invalid'],
  ['of a blocked customer', { ...spent(0), customerBlockedAt: now }, 'invalid'],
] as const)('a token %s is %s', (_, token, verdict) => {
  expect(judge(token, now)).toBe(verdict);
});
