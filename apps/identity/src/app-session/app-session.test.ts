import { tokenForms } from '@forecourt/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOperator } from '../../test/builders.ts';
import { refusalOf } from '../../test/codes.ts';
import { accessOf, aDriver, type Driver, meAgain } from '../../test/drivers.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aCodeLogin } from '../../test/phone-login.ts';
import { tidyUp } from '../housekeeping.ts';
import { logOut } from '../session/service.ts';
import { hashOf, newAppToken } from './app-session.ts';
import { exchangeAppToken } from './service.ts';

const days = (n: number) => n * 86_400_000;

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const opens = async (token: string): Promise<boolean> =>
  (await refusalOf(exchangeAppToken(identity.deps, token))) === null;
const tokensOf = ({ sessionId }: Pick<Driver, 'sessionId'>) =>
  identity.deps.db.appToken.findMany({ where: { sessionId }, orderBy: { createdAt: 'asc' } });
const sessionOf = ({ sessionId: id }: Pick<Driver, 'sessionId'>) =>
  identity.deps.db.session.findUniqueOrThrow({ where: { id } });

/** The next token, a moment later, as it comes to an app. */
async function renewed(driver: Pick<Driver, 'token'>): Promise<string> {
  identity.runtime.clock.advance(1000);
  return (await meAgain(identity, driver)).body.token;
}

describe('a token', () => {
  test('is of the form that the gateway knows, and never twice the same', () => {
    const tokens = Array.from({ length: 100 }, newAppToken);
    expect(tokens.filter((token) => tokenForms.app.test(token))).toHaveLength(100);
    expect(new Set(tokens).size).toBe(100);
  });

  test('is stored as a hash alone', async () => {
    const driver = await aDriver(identity);
    const rows = await identity.deps.database.$queryRaw<{ row: string }[]>`
      SELECT row_to_json(app_token)::text AS row FROM app_token`;
    expect(rows.map(({ row }) => row).join()).not.toContain(driver.token.slice(4));
    expect((await tokensOf(driver)).map(({ hash }) => Buffer.from(hash))).toEqual([hashOf(driver.token)]);
  });

  test('is good for thirty days and no longer', async () => {
    const driver = await aDriver(identity);
    const { expiresAt } = await sessionOf(driver);
    identity.runtime.clock.advance(days(30) - 1000);
    expect(await opens(driver.token)).toBe(true);
    identity.runtime.clock.advance(1000);
    expect(identity.deps.clock()).toEqual(expiresAt);
    expect(await opens(driver.token)).toBe(false);
  });

  test.each(['', 'drv_', 'drv_x', newAppToken()])('%j is nobody’s', async (token) => {
    expect(await refusalOf(exchangeAppToken(identity.deps, token))).toBe('unauthenticated');
  });

  test('is worth the same access token for half its life, one that ends after a minute', async () => {
    const { token } = await aDriver(identity);
    const first = await exchangeAppToken(identity.deps, token);
    identity.runtime.clock.advance(20_000);
    expect(await exchangeAppToken(identity.deps, token)).toEqual(first);
    identity.runtime.clock.advance(11_000);
    expect((await exchangeAppToken(identity.deps, token)).accessToken).not.toBe(first.accessToken);
    identity.runtime.clock.advance(30_000);
    expect(await refusalOf(identity.deps.tokens.verify(first.accessToken))).toBe('token_expired');
  });

  test('notes that it is used once a minute, so that a driver’s list of sessions says when', async () => {
    const driver = await aDriver(identity);
    const { lastUsedAt } = await sessionOf(driver);
    identity.runtime.clock.advance(59_000);
    await accessOf(identity, driver.token);
    expect((await sessionOf(driver)).lastUsedAt).toEqual(lastUsedAt);
    identity.runtime.clock.advance(2_000);
    await accessOf(identity, driver.token);
    expect((await sessionOf(driver)).lastUsedAt).toEqual(identity.deps.clock());
  });
});

describe('the next token', () => {
  test('lets the one before go on for as long as nobody uses it: an answer may be lost', async () => {
    const driver = await aDriver(identity);
    await renewed(driver);
    identity.runtime.clock.advance(days(10));
    expect(await opens(driver.token)).toBe(true);
  });

  test('ends the one before some minutes after its first use, and its session goes on for thirty days', async () => {
    const driver = await aDriver(identity);
    identity.runtime.clock.advance(days(29));
    const next = await renewed(driver);
    expect(await opens(next)).toBe(true);
    identity.runtime.clock.advance(599_000);
    expect(await opens(driver.token)).toBe(true);
    identity.runtime.clock.advance(1000);
    expect(await opens(driver.token)).toBe(false);
    identity.runtime.clock.advance(days(29));
    expect(await opens(next)).toBe(true);
    expect((await sessionOf(driver)).endedAt).toBeNull();
  });

  test('is lost again and again by a bad network, and the app goes on with the one it has; few are kept', async () => {
    const driver = await aDriver(identity);
    await accessOf(identity, driver.token);
    const given: string[] = [];
    for (let n = 0; n < 8; n += 1) given.push(await renewed(driver));
    expect(await tokensOf(driver)).toHaveLength(6);
    expect(await opens(driver.token)).toBe(true);
    expect(await Promise.all(given.map(opens))).toEqual([false, false, false, true, true, true, true, true]);
  });

  test('ten at once are all of one session', async () => {
    const driver = await aDriver(identity);
    const answers = await Promise.all(Array.from({ length: 10 }, () => meAgain(identity, driver)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await opens(driver.token)).toBe(true);
    expect(new Set(answers.map(({ body }) => body.nats.topic)).size).toBe(1);
  });

  test('goes with housekeeping once it was replaced; the last one tells that the session is an app’s', async () => {
    const driver = await aDriver(identity);
    const next = await renewed(driver);
    await accessOf(identity, next);
    await tidyUp(identity.deps);
    expect(await tokensOf(driver)).toHaveLength(2);
    identity.runtime.clock.advance(days(30) + 1);
    await tidyUp(identity.deps);
    expect((await tokensOf(driver)).map(({ hash }) => Buffer.from(hash))).toEqual([hashOf(next)]);
    identity.runtime.clock.advance(days(31));
    await tidyUp(identity.deps);
    expect(await tokensOf(driver)).toEqual([]);
  });
});

describe('from one moment to the next it is worth nothing', () => {
  const ends: [string, (driver: Driver) => Promise<unknown>][] = [
    ['after its own logout', ({ sessionId }) => logOut(identity.deps, sessionId)],
    [
      'when the customer ends it from a browser',
      async ({ phone, sessionId }) => {
        identity.runtime.clock.advance(61_000);
        const { accessToken: token } = await aCodeLogin(identity, { phone: phone.replaceAll(' ', '') });
        const { body } = await identity.call('GET', '/me/sessions', { token });
        expect(body.items.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['app', 'browser']);
        expect((await identity.call('DELETE', `/me/sessions/${sessionId}`, { token })).status).toBe(204);
      },
    ],
    [
      'when an operator ends it',
      async ({ id, sessionId }) => {
        const { accessToken: token } = await anOperator(identity);
        const { body } = await identity.call('GET', `/admin/customers/${id}/sessions`, { token });
        expect(body.items.map((session: { id: string }) => session.id)).toEqual([sessionId]);
        expect((await identity.call('DELETE', `/admin/customers/${id}/sessions/${sessionId}`, { token })).status).toBe(
          204,
        );
      },
    ],
    [
      'when its customer is blocked',
      async ({ id }) => {
        const { accessToken: token } = await anOperator(identity);
        expect((await identity.call('POST', `/admin/customers/${id}/block`, { token })).status).toBe(200);
      },
    ],
    [
      'when its customer is erased',
      async ({ token }) => {
        const access = await accessOf(identity, token);
        expect((await identity.call('DELETE', '/me', { token: access, body: {} })).status).toBe(204);
      },
    ],
  ];

  test.each(ends)('%s, and so is the way to the broker; it is told once', async (_, end) => {
    const driver = await aDriver(identity);
    await end(driver);
    expect(await opens(driver.token)).toBe(false);
    const told = (await identity.told('identity.session.revoked.v1')).filter(
      ({ data }) => data.sessionId === driver.sessionId,
    );
    expect(told).toHaveLength(1);
  });

  test('also for a renewal that is under way', async () => {
    const driver = await aDriver(identity);
    const token = await accessOf(identity, driver.token);
    await logOut(identity.deps, driver.sessionId);
    expect((await identity.call('POST', '/api/user/me', { token })).status).toBe(403);
    expect(await tokensOf(driver)).toHaveLength(1);
  });
});

test('an export says that the session was an app’s', async () => {
  const { token } = await aDriver(identity);
  const { body } = await identity.call('POST', '/me/export', { token: await accessOf(identity, token) });
  expect(body.sessions).toMatchObject([{ kind: 'app' }]);
  expect(JSON.stringify(body)).not.toMatch(/drv_|hash/i);
});
