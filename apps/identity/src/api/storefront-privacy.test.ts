import { until } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, aRegistration, logIn, type SignedIn } from '../../test/builders.ts';
import { actsOn, toldOf } from '../../test/clients.ts';
import { codeTo } from '../../test/codes.ts';
import { aDevice } from '../../test/devices.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { waitingForLocks } from '../../test/locks.ts';
import { aCodeLogin } from '../../test/phone-login.ts';
import { eraseCustomer } from '../erasure/service.ts';
import { tidyUp } from '../housekeeping.ts';

let identity: TestIdentity;
let customer: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  customer = await aCustomer(identity, { name: 'Олена' });
  identity.elsewhere.orders = async () => ({ records: [], next: null });
});

type Who = Pick<SignedIn, 'accessToken'>;
const post = (path: string, body?: unknown, { accessToken: token }: Who = customer) =>
  identity.call('POST', path, { ...(body !== undefined && { body }), token });
const erase = (body: unknown = { password: customer.password }, { accessToken: token }: Who = customer) =>
  identity.call('DELETE', '/me', { ...(body !== undefined && { body }), token });
const proveMyPhone = async () => {
  const { body } = await post('/me/phone', {});
  await post('/me/phone/confirm', { requestId: body.requestId, code: await codeTo(identity, customer.phone) });
};
const rowOf = (id: string) => identity.deps.db.customer.findUniqueOrThrow({ where: { id } });

describe('DELETE /me', () => {
  test('leaves three identifiers and when it was; the rest is gone', async () => {
    const { id, uuid, number, createdAt } = await rowOf(customer.id);
    expect((await erase()).status).toBe(204);
    const left = await rowOf(customer.id);
    expect(left).toMatchObject({ id, uuid, number, createdAt, erasedAt: identity.deps.clock(), marketingOptIn: false });
    const kept = Object.entries(left).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    );
    expect(kept.map(([field]) => field).sort()).toEqual([
      'createdAt',
      'erasedAt',
      'id',
      'language',
      'marketingOptIn',
      'number',
      'updatedAt',
      'uuid',
      'version',
    ]);
  });

  test('leaves no word of the person in any table but the outbox, which is emptied in days, and the log of acts', async () => {
    await proveMyPhone();
    await post('/me/email', { email: customer.email });
    await logIn(identity, customer);
    await aDevice(identity, customer);
    await identity.mailTo(customer.email);
    expect((await erase()).status).toBe(204);
    await identity.mailTo(customer.email);
    await tidyUp(identity.deps);
    const words = [customer.phone, customer.email, 'Олена', customer.clientId];
    // The farewell, on this machine, where a provider would have it.
    await identity.deps.db.developmentMessage.deleteMany({ where: { recipient: customer.email } });
    expect(await tablesThatHold(words)).toEqual(['outbox']);
    const ids = { customerId: customer.id };
    expect(await identity.deps.db.session.count({ where: ids })).toBe(0);
    expect(await identity.deps.db.codeRequest.count({ where: ids })).toBe(0);
  });

  test('is told, with the end of every session and device; written down; and said by mail', async () => {
    const { sessionId } = await aDevice(identity, customer);
    await erase();
    expect(await toldOf(identity, 'identity.customer.erased.v1', customer.id)).toMatchObject([{ version: 2 }]);
    const ended = await toldOf(identity, 'identity.session.revoked.v1', customer.id);
    expect(ended.map(({ reason }) => reason)).toEqual(['erased', 'erased']);
    expect(ended.map((event) => event.sessionId)).toContain(sessionId);
    expect((await actsOn(identity, customer.id)).at(-1)).toMatchObject({
      act: 'customer.erased',
      actorId: customer.id,
    });
    expect(await identity.mailTo(customer.email)).toMatchObject([{ subject: 'Ваш обліковий запис видалено' }]);
  });

  test('ends what could be done with tokens and passwords: it is as with somebody unknown', async () => {
    await erase();
    const { refreshToken, email, phone, password, clientId } = customer;
    expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    for (const login of [email, phone]) {
      const answer = await identity.call('POST', '/auth/login', { body: { login, password, clientId } });
      const unknown = { login: aRegistration().email, password, clientId };
      const { status, body } = await identity.call('POST', '/auth/login', { body: unknown });
      expect(answer).toMatchObject({ status, body: { message: body.message } });
    }
    expect((await identity.call('GET', '/me', { token: customer.accessToken })).status).toBe(404);
  });

  test('gives phone and address back: they sign up as somebody new', async () => {
    await erase();
    const again = await aCustomer(identity, { phone: customer.phone, email: customer.email });
    expect(again.id).not.toBe(customer.id);
    expect((await rowOf(again.id)).number).not.toBe((await rowOf(customer.id)).number);
  });

  test.each([undefined, {}, { password: 'not the password' }])('with %j is a 403 and erases nothing', async (body) => {
    const answer = await identity.call('DELETE', '/me', {
      ...(body && { body }),
      token: customer.accessToken,
    });
    expect(answer.status).toBe(403);
    await logIn(identity, customer);
  });

  test('without a password needs a login within 15 minutes', async () => {
    const stale = await aCodeLogin(identity);
    identity.runtime.clock.advance(16 * 60_000);
    const { body } = await identity.call('POST', '/auth/refresh', { body: { refreshToken: stale.refreshToken } });
    expect((await erase(undefined, body)).status).toBe(403);
    identity.runtime.clock.advance(60_000);
    const fresh = await aCodeLogin(identity, stale);
    expect((await erase({}, fresh)).status).toBe(204);
  });

  test('of the last operator is a 409', async () => {
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { roles: ['operator'] } });
    expect((await erase()).status).toBe(409);
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { roles: [] } });
  });

  test('is had by somebody who cannot sign in from whoever runs the service; again it is of nobody', async () => {
    await eraseCustomer(identity.deps, customer.id, { role: 'system' });
    expect((await rowOf(customer.id)).erasedAt).not.toBeNull();
    expect((await actsOn(identity, customer.id)).at(-1)).toMatchObject({ act: 'customer.erased', actorRole: 'system' });
    const again = eraseCustomer(identity.deps, customer.id, { role: 'system' });
    await expect(again).rejects.toMatchObject({ code: 'customer_not_found' });
    expect(await toldOf(identity, 'identity.customer.erased.v1', customer.id)).toHaveLength(1);
  });

  test('leaves to others what they wait for: a phone that was only claimed may be theirs', async () => {
    const queue = `guest:${customer.phone}`;
    await identity.deps.database.$executeRaw`
      INSERT INTO message (id, kind, facts, channel, recipient, language, status, next_attempt_at, created_at, dedupe_key)
      VALUES (${queue}, 'order_changed', '{"number":"A-1","status":"done"}', 'sms', ${customer.phone}, 'en', 'queued',
              ${identity.deps.clock()}::timestamptz, ${identity.deps.clock()}::timestamptz, ${queue})`;
    await erase();
    expect(await identity.mailTo(customer.phone)).toMatchObject([{ text: 'Order A-1 is completed' }]);
  });

  test('while the same customer changes the address, logs in and erases themselves again, all of it is gone', async () => {
    const email = aRegistration().email;
    const { body } = await post('/me/email', { email, password: customer.password });
    const code = await codeTo(identity, email);
    const login = () =>
      identity.call('POST', '/auth/login', {
        body: { login: customer.phone, password: customer.password, clientId: customer.clientId },
      });
    const answers = await Promise.all([
      erase(),
      post('/me/email/confirm', { requestId: body.requestId, code }),
      login(),
      erase(),
      login(),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(await rowOf(customer.id)).toMatchObject({ email: null, phone: null, erasedAt: expect.any(Date) });
    expect(await identity.deps.db.session.count({ where: { customerId: customer.id } })).toBe(0);
    const versions = (await identity.told())
      .filter(({ data }) => data.customerId === customer.id && !('sessionId' in data))
      .map(({ data }) => data.version);
    expect(versions).toEqual(versions.map((_, at) => at + 1));
  });
});

test('a login that comes in the middle of an erasure waits for its end, and opens nothing', async () => {
  const { database } = identity.deps;
  const { id, email, password, clientId } = customer;
  await post('/auth/forgot-password', { email });
  const { erasing, login } = await database.transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM message WHERE recipient = ${email} FOR UPDATE`;
    const erasing = erase();
    await until(async () => (await waitingForLocks(database)) === 1);
    let settled = false;
    const login = post('/auth/login', { login: email, password, clientId }).finally(() => (settled = true));
    await until(async () => settled || (await waitingForLocks(database)) === 2);
    return { erasing: { done: erasing }, login: { done: login } };
  });
  expect((await erasing.done).status).toBe(204);
  expect((await login.done).status).toBe(401);
  expect(await identity.deps.db.session.count({ where: { customerId: id } })).toBe(0);
});

/** Every table of the service, row by row, as text. */
async function tablesThatHold(words: readonly string[]): Promise<string[]> {
  const tables = await identity.deps.database.$queryRaw<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_class AS c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1`;
  const holding: string[] = [];
  for (const { name } of tables) {
    const rows = await identity.deps.db.$queryRawUnsafe<unknown[]>(
      `SELECT FROM "${name}" AS t WHERE t::text LIKE ANY ($1::text[]) LIMIT 1`,
      words.map((word) => `%${word}%`),
    );
    if (rows.length > 0) holding.push(name);
  }
  return holding;
}

describe('POST /me/export', () => {
  const page = (n: number, next: string | null) => ({ records: [{ id: n, comment: `№ ${n}` }], next });
  const withOrders = () => {
    const asked: unknown[] = [];
    identity.elsewhere.orders = async (question) => {
      asked.push(question);
      return question.after === null ? page(1, 'next') : page(2, null);
    };
    return asked;
  };

  test('is a file with all that is stored here, and every page of what others have', async () => {
    const asked = withOrders();
    await proveMyPhone();
    await aDevice(identity, customer);
    const answer = await post('/me/export');
    expect(answer).toMatchObject({
      status: 201,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': expect.stringMatching(/^attachment; filename="forecourt-\d{4}-\d\d-\d\d\.json"$/),
        'cache-control': 'no-store',
      },
      body: {
        customer: { id: customer.id, phone: customer.phone, email: customer.email, name: 'Олена', hasPassword: true },
        orders: [page(1, null).records[0], page(2, null).records[0]],
        codeRequests: [{ purpose: 'phone_change', recipient: customer.phone }],
        messages: [{ kind: 'code', status: 'sent' }],
      },
    });
    expect(asked).toEqual([
      { customerId: customer.id, after: null },
      { customerId: customer.id, after: 'next' },
    ]);
    const { sessions, acts } = answer.body;
    expect(sessions.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['browser', 'device']);
    expect(acts.map(({ act }: { act: string }) => act)).toEqual(['phone.proved', 'device.opened', 'customer.exported']);
  });

  test('holds no secret: no hash, key, token, nonce or code, and nobody else’s address', async () => {
    await proveMyPhone();
    const { key } = await aDevice(identity, customer);
    const text = JSON.stringify((await post('/me/export')).body);
    const code = await codeTo(identity, customer.phone);
    for (const secret of ['$argon2', 'nonce', 'sealed', key, code, customer.refreshToken, customer.accessToken]) {
      expect(text).not.toContain(secret);
    }
  });

  test('says nothing of what went to a phone that was never proved', async () => {
    const other = customer.phone;
    await identity.deps.database.$executeRaw`
      INSERT INTO message (id, kind, facts, channel, recipient, language, status, created_at, dedupe_key)
      VALUES (${other}, 'order_placed', '{}', 'sms', ${other}, 'en', 'sent', now(), ${other})`;
    expect((await post('/me/export')).body.messages).toEqual([]);
  });

  test('is a 503 when one page cannot be had, and nothing half', async () => {
    identity.elsewhere.orders = async ({ after }) => {
      if (after !== null) throw new Error('orders is away');
      return page(1, 'next');
    };
    const answer = await post('/me/export');
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.stringify(answer.body)).not.toContain('№');
    expect((await actsOn(identity, customer.id)).map(({ act }) => act)).toEqual([]);
  });

  test('for somebody who is erased meanwhile is a 404, and nothing half', async () => {
    identity.elsewhere.orders = async () => {
      expect((await erase()).status).toBe(204);
      return page(1, null);
    };
    const answer = await post('/me/export');
    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.body)).not.toContain('№');
  });

  test('while the account is being erased is whole, or refused', async () => {
    const [exported, erased] = await Promise.all([post('/me/export'), erase()]);
    expect(erased.status).toBe(204);
    if (exported.status === 201) expect(exported.body.customer).toMatchObject({ phone: customer.phone, name: 'Олена' });
    else expect(exported.status).toBe(404);
  });

  test('is had three times an hour', async () => {
    for (const _ of [1, 2, 3]) expect((await post('/me/export')).status).toBe(201);
    expect(await post('/me/export')).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
  });

  test('goes through lists of any length', async () => {
    const sessions = 1_203;
    await identity.deps.database.$executeRaw`
      INSERT INTO session (id, customer_id, created_at, last_used_at, expires_at)
      SELECT md5(${customer.id} || n), ${customer.id}, now(), now(), now() FROM generate_series(1, ${sessions - 1}::int) AS n`;
    const { body } = await post('/me/export');
    expect(new Set(body.sessions.map(({ id }: { id: string }) => id)).size).toBe(sessions);
  });
});
