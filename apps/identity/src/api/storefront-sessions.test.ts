import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, logIn, type SignedIn } from '../../test/builders.ts';
import { actsOn, toldOf } from '../../test/clients.ts';
import { aDevice } from '../../test/devices.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
let customer: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  customer = await aCustomer(identity);
});

type Who = Pick<SignedIn, 'accessToken'>;
const get = (path: string, { accessToken: token }: Who = customer) => identity.call('GET', path, { token });
const remove = (path: string, { accessToken: token }: Who = customer) => identity.call('DELETE', path, { token });
const refresh = ({ refreshToken }: { refreshToken: string }) =>
  identity.call('POST', '/auth/refresh', { body: { refreshToken } });
const revoked = () => toldOf(identity, 'identity.session.revoked.v1', customer.id);
interface Listed {
  id: string;
  kind: string;
  current: boolean;
}
const sessions = async (who: Who = customer): Promise<Listed[]> => (await get('/me/sessions', who)).body.items;
const currentOf = async (who: Who) => (await sessions(who)).find(({ current }) => current)?.id ?? '';

describe('GET /me/sessions', () => {
  test('lists browsers and apps, used last first, with the one that asks, for one statement', async () => {
    identity.runtime.clock.advance(1000);
    const { sessionId } = await aDevice(identity, customer);
    identity.runtime.clock.advance(1000);
    const elsewhere = await logIn(identity, customer);
    const { result, statements } = await countStatements(identity.runtime, () => get('/me/sessions'));
    expect(statements).toHaveLength(1);
    const here = await currentOf(customer);
    expect(result).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        items: [
          { id: await currentOf(elsewhere), kind: 'browser', current: false, expiresAt: expect.any(String) },
          { id: sessionId, kind: 'device', current: false, expiresAt: null, userAgent: 'okhttp/4.12' },
          { id: here, kind: 'browser', current: true, address: '127.0.0.1' },
        ],
      },
    });
    expect(Object.keys(result.body.items[0]).sort()).toEqual([
      'address',
      'createdAt',
      'current',
      'expiresAt',
      'id',
      'kind',
      'lastUsedAt',
      'userAgent',
    ]);
  });

  test('lists nothing that has ended or expired, and nobody else’s', async () => {
    const [other, elsewhere] = [await aCustomer(identity), await logIn(identity, customer)];
    await identity.call('POST', '/auth/logout', { token: elsewhere.accessToken });
    await identity.deps.db.session.create({
      data: {
        id: `0${customer.id.slice(1)}`,
        customerId: customer.id,
        createdAt: at(0),
        lastUsedAt: at(0),
        expiresAt: at(0),
      },
    });
    expect(await sessions()).toEqual([expect.objectContaining({ current: true })]);
    expect((await sessions(other)).map(({ id }) => id)).not.toContain(await currentOf(customer));
  });
  const at = (time: number) => new Date(time);

  test('lists the hundred that were used last, and no more', async () => {
    await identity.deps.database.$executeRaw`
      INSERT INTO session (id, customer_id, created_at, last_used_at, expires_at)
      SELECT md5(${customer.id} || n), ${customer.id}, now(), 'epoch', '2100-01-01' FROM generate_series(1, 120) AS n`;
    expect(await sessions()).toHaveLength(100);
    expect((await sessions())[0]?.current).toBe(true);
  });
});

describe('DELETE /me/sessions/:id', () => {
  test('ends one of mine, tells it and writes it down; the others go on', async () => {
    const elsewhere = await logIn(identity, customer);
    const id = await currentOf(elsewhere);
    expect((await remove(`/me/sessions/${id}`)).status).toBe(204);
    expect((await refresh(elsewhere)).status).toBe(401);
    expect((await refresh(customer)).status).toBe(201);
    expect(await revoked()).toMatchObject([{ sessionId: id, reason: 'ended_by_customer' }]);
    expect(await actsOn(identity, customer.id)).toMatchObject([
      { act: 'session.ended', actorRole: 'customer', actorId: customer.id, facts: { sessionId: id } },
    ]);
  });

  test('ends also an app, and also the session that asks', async () => {
    const { sessionId } = await aDevice(identity, customer);
    expect((await remove(`/me/sessions/${sessionId}`)).status).toBe(204);
    expect((await get('/me/devices')).body.items).toEqual([]);
    expect((await remove(`/me/sessions/${await currentOf(customer)}`)).status).toBe(204);
    expect((await refresh(customer)).status).toBe(401);
  });

  test('of somebody else, of nobody, and of one that has ended are the same 404, and end nothing', async () => {
    const [other, elsewhere] = [await aCustomer(identity), await logIn(identity, customer)];
    const ended = await currentOf(elsewhere);
    await remove(`/me/sessions/${ended}`);
    const answers = [];
    for (const id of [await currentOf(other), 'f'.repeat(24), ended]) answers.push(await remove(`/me/sessions/${id}`));
    for (const { status, body } of answers) {
      expect({ status, message: body.message }).toEqual({ status: 404, message: 'Сеанс не знайдено' });
    }
    expect((await refresh(other)).status).toBe(201);
    expect((await remove('/me/sessions/nonsense')).status).toBe(400);
  });

  test('at the moment of a refresh leaves no token that is good', async () => {
    const elsewhere = await logIn(identity, customer);
    const id = await currentOf(elsewhere);
    const [refreshed, ended] = await Promise.all([refresh(elsewhere), remove(`/me/sessions/${id}`)]);
    expect(ended.status).toBe(204);
    expect([201, 401]).toContain(refreshed.status);
    expect((await refresh(refreshed.status === 201 ? refreshed.body : elsewhere)).status).toBe(401);
    expect(await revoked()).toHaveLength(1);
  });

  test('by five at once is one end, told once', async () => {
    const id = await currentOf(await logIn(identity, customer));
    const answers = await Promise.all(Array.from({ length: 5 }, () => remove(`/me/sessions/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404]);
    expect(await revoked()).toHaveLength(1);
  });
});

describe('DELETE /me/sessions', () => {
  test('ends all but the one that asks, apps too, and says how many in the log of acts', async () => {
    const elsewhere = await logIn(identity, customer);
    await aDevice(identity, customer);
    expect((await remove('/me/sessions')).status).toBe(204);
    expect(await sessions()).toEqual([expect.objectContaining({ current: true })]);
    expect((await refresh(elsewhere)).status).toBe(401);
    expect((await refresh(customer)).status).toBe(201);
    expect((await actsOn(identity, customer.id)).at(-1)).toMatchObject({
      act: 'session.ended',
      facts: { sessions: 2 },
    });
  });

  test('again ends nothing and writes nothing down', async () => {
    expect((await remove('/me/sessions')).status).toBe(204);
    expect(await actsOn(identity, customer.id)).toEqual([]);
  });
});

describe('/me/devices', () => {
  test('lists the apps that hold a key, never the key, for one statement', async () => {
    const { sessionId, key } = await aDevice(identity, customer);
    await aDevice(identity, await aCustomer(identity));
    const { result, statements } = await countStatements(identity.runtime, () => get('/me/devices'));
    expect(statements).toHaveLength(1);
    expect(result.body.items).toEqual([
      {
        id: sessionId,
        current: false,
        app: expect.stringMatching(/^App/),
        createdAt: identity.deps.clock().toISOString(),
        lastUsedAt: identity.deps.clock().toISOString(),
        receivesPushes: false,
        userAgent: 'okhttp/4.12',
        address: '203.0.113.7',
      },
    ]);
    expect(JSON.stringify(result.body)).not.toContain(key);
  });

  test('one of mine is ended once; another’s, a browser and an ended one are a 404', async () => {
    const { sessionId } = await aDevice(identity, customer);
    const theirs = await aDevice(identity, await aCustomer(identity));
    expect((await remove(`/me/devices/${sessionId}`)).status).toBe(204);
    for (const id of [sessionId, theirs.sessionId, await currentOf(customer)]) {
      expect(await remove(`/me/devices/${id}`)).toMatchObject({
        status: 404,
        body: { message: 'Пристрій не знайдено' },
      });
    }
    expect(await revoked()).toMatchObject([{ sessionId, reason: 'ended_by_customer' }]);
  });
});
