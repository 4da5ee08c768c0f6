import { sessionRevoked } from '@forecourt/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, anOperator, type SignedIn } from '../../../test/builders.ts';
import { refusalOf } from '../../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../../test/identity.ts';
import { exchangeKey } from '../../service-account/exchange.ts';
import { liftVersions } from '../../versions.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
  operator = await anOperator(identity);
});
afterAll(() => identity.close());

const accounts = '/admin/service-accounts';
const ask = (method: 'GET' | 'POST', path: string, body?: unknown) =>
  identity.call(method, path, { token: operator.accessToken, body });
async function make(name = 'Партнер') {
  const { status, body } = await ask('POST', accounts, { name, roles: ['partner'] });
  expect(status).toBe(201);
  return body as { account: { id: string; keys: { id: string }[] }; key: string };
}
const principalOf = async (key: string) =>
  identity.deps.tokens.verify((await exchangeKey(identity.deps, key)).accessToken);
const worthOf = (key: string) => refusalOf(exchangeKey(identity.deps, key));
const turn = (seconds: number) => identity.runtime.clock.advance(seconds * 1000);
const endsOf = async () => (await identity.told(sessionRevoked.subject)).map(({ data }) => data);

describe('a service account', () => {
  test('is made with a key that is shown once, and kept as a hash alone', async () => {
    const { account, key } = await make('Склад');
    expect(key).toMatch(/^key_[\w-]{43}$/);
    expect(account).toEqual({
      id: expect.any(String),
      name: 'Склад',
      roles: ['partner'],
      createdAt: identity.deps.clock().toISOString(),
      revokedAt: null,
      lastUsedAt: null,
      keys: [expect.objectContaining({ lastUsedAt: null, expiresAt: null })],
    });
    const { body } = await ask('GET', `${accounts}/${account.id}`);
    expect(body).toEqual(account);
    const rows = await identity.deps.database.$queryRaw<{ row: string }[]>`
      SELECT k::text AS row FROM service_key AS k UNION ALL SELECT a::text FROM audit_entry AS a`;
    expect(JSON.stringify(rows)).not.toContain(key.slice(4));
  });

  test('acts by its key as itself, with its roles, and when is noted to the minute', async () => {
    const { account, key } = await make();
    expect(await principalOf(key)).toEqual({
      customerId: account.id,
      sessionId: account.keys[0]?.id,
      roles: ['partner'],
    });
    const first = identity.deps.clock().toISOString();
    turn(59);
    await exchangeKey(identity.deps, key);
    expect((await ask('GET', `${accounts}/${account.id}`)).body).toMatchObject({ lastUsedAt: first });
    turn(2);
    await exchangeKey(identity.deps, key);
    expect((await ask('GET', `${accounts}/${account.id}`)).body.lastUsedAt).not.toBe(first);
  });

  test('is nobody’s customer', async () => {
    const { key } = await make();
    const { accessToken: token } = await exchangeKey(identity.deps, key);
    expect((await identity.call('GET', '/me', { token })).status).toBe(404);
    expect((await identity.call('GET', accounts, { token })).status).toBe(403);
  });

  test('rotates its key: the old one is good for a while', async () => {
    const { account, key } = await make();
    const rotated = await ask('POST', `${accounts}/${account.id}/rotate`, { graceSeconds: 60 });
    expect(rotated.status).toBe(201);
    expect([await worthOf(key), await worthOf(rotated.body.key)]).toEqual([null, null]);
    turn(60);
    expect([await worthOf(key), await worthOf(rotated.body.key)]).toEqual(['unauthenticated', null]);
    expect((await endsOf()).filter(({ customerId }) => customerId === account.id)).toEqual([]);
  });

  test('rotates without a grace: the old one, and what was exchanged for it, ends at once', async () => {
    const { account, key } = await make();
    const { body } = await ask('POST', `${accounts}/${account.id}/rotate`, { graceSeconds: 0 });
    expect([await worthOf(key), await worthOf(body.key)]).toEqual(['unauthenticated', null]);
    expect(await endsOf()).toContainEqual(
      expect.objectContaining({ sessionId: account.keys[0]?.id, customerId: account.id, reason: 'key_revoked' }),
    );
  });

  test('a grace never makes a key live longer than it would have', async () => {
    const { account, key } = await make();
    await ask('POST', `${accounts}/${account.id}/rotate`, { graceSeconds: 60 });
    await ask('POST', `${accounts}/${account.id}/rotate`, { graceSeconds: 3600 });
    turn(60);
    expect(await worthOf(key)).toBe('unauthenticated');
  });

  test('is revoked for good, all keys at once, and once', async () => {
    const { account, key } = await make();
    const { body } = await ask('POST', `${accounts}/${account.id}/rotate`, {});
    for (let n = 0; n < 2; n += 1) {
      const revoked = await ask('POST', `${accounts}/${account.id}/revoke`);
      expect(revoked).toMatchObject({ status: 200, body: { revokedAt: expect.any(String) } });
    }
    expect([await worthOf(key), await worthOf(body.key)]).toEqual(['unauthenticated', 'unauthenticated']);
    expect((await endsOf()).filter(({ customerId }) => customerId === account.id)).toHaveLength(2);
    expect((await ask('POST', `${accounts}/${account.id}/rotate`, {})).status).toBe(404);
  });

  test.each([
    ['revoked', 'revoke', undefined],
    ['rotated without a grace', 'rotate', { graceSeconds: 0 }],
  ] as const)('that is %s takes back what a key that has just ended was exchanged for', async (_, act, body) => {
    const { account } = await make();
    await ask('POST', `${accounts}/${account.id}/rotate`, { graceSeconds: 60 });
    turn(60);
    await ask('POST', `${accounts}/${account.id}/${act}`, body);
    const ends = async () => (await endsOf()).filter(({ sessionId }) => sessionId === account.keys[0]?.id);
    expect(await ends()).toHaveLength(1);
    await ask('POST', `${accounts}/${account.id}/revoke`, undefined);
    expect(await ends()).toHaveLength(1);
  });

  test('is in the audit log with all that was done to it', async () => {
    const { account } = await make();
    await ask('POST', `${accounts}/${account.id}/rotate`, {});
    await ask('POST', `${accounts}/${account.id}/revoke`);
    const { body } = await ask('GET', `/admin/audit?actor=${operator.id}&limit=200`);
    const mine = (body.items as { act: string; facts: { accountId?: string } }[]).filter(
      ({ facts }) => facts.accountId === account.id,
    );
    expect(mine.map(({ act }) => act).reverse()).toEqual([
      'service_account.made',
      'service_account.rotated',
      'service_account.revoked',
    ]);
  });
});

test('accounts are listed by name, page by page', async () => {
  for (const name of ['aaa', 'aab']) await make(name);
  const { body } = await ask('GET', `${accounts}?limit=2`);
  expect(body).toMatchObject({ items: [{ name: 'aaa' }, { name: 'aab' }], page: 1, limit: 2 });
  expect(body.total).toBeGreaterThan(2);
});

test.each([
  ['operators', { name: 'x', roles: ['operator'] }],
  ['nothing', { name: 'x', roles: [] }],
  ['the same twice', { name: 'x', roles: ['partner', 'partner'] }],
  ['no name', { name: ' ', roles: ['partner'] }],
  ['more', { name: 'x', roles: ['partner'], key: 'key_mine' }],
])('no account may be %s', async (_, body) => {
  expect((await ask('POST', accounts, body)).status).toBe(400);
});

test.each([-1, 2_592_001, 1.5, '60', null])('a grace of %j is none', async (graceSeconds) => {
  const { account } = await make();
  expect((await ask('POST', `${accounts}/${account.id}/rotate`, { graceSeconds })).status).toBe(400);
});

test('what is not there is a 404, and nobody but operators is told even that', async () => {
  const { accessToken: token } = await aCustomer(identity);
  const absent = `${accounts}/${'0'.repeat(24)}`;
  expect((await ask('GET', absent)).status).toBe(404);
  for (const path of [accounts, absent]) expect((await identity.call('GET', path, { token })).status).toBe(403);
  expect((await identity.call('POST', `${absent}/revoke`, { token })).status).toBe(403);
});

test('two who rotate at once leave one key that has no end', async () => {
  const { account } = await make();
  const rotate = () => ask('POST', `${accounts}/${account.id}/rotate`, { graceSeconds: 60 });
  const answers = await Promise.all([rotate(), rotate(), rotate(), rotate()]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  const { body } = await ask('GET', `${accounts}/${account.id}`);
  const endless = (body.keys as { expiresAt: string | null }[]).filter(({ expiresAt }) => expiresAt === null);
  expect([body.keys.length, endless.length]).toEqual([5, 1]);
});

test('after a restore of an older state no key is good that may have been revoked since', async () => {
  const other = await startIdentity();
  const boss = await anOperator(other);
  const made = await other.call('POST', accounts, {
    token: boss.accessToken,
    body: { name: 'x', roles: ['partner'] },
  });
  await other.deps.database.transaction(liftVersions);
  other.runtime.clock.set(new Date(Math.max(Date.now(), other.deps.clock().getTime()) + 1000));
  expect(await refusalOf(exchangeKey(other.deps, made.body.key))).toBe('unauthenticated');
  await other.close();
});
