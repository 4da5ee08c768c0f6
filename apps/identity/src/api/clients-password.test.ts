import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aCustomer, type SignedIn } from '../../test/builders.ts';
import { aCast, aClient, actsOn, type Client, refusedFields, signIn, toldOf } from '../../test/clients.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
  ({ operator } = await aCast(identity));
});
afterAll(() => identity.close());

type Asker = Pick<Client, 'clientId' | 'token'>;
const change = ({ clientId, token }: Asker, body: unknown) =>
  identity.call('PATCH', `/api/v1/clients/${clientId}/password`, { token, body });
const check = ({ clientId, token }: Asker, password: unknown) =>
  identity.call('POST', `/api/v1/clients/${clientId}/password/check`, { token, body: { password } });
const asOperator = ({ clientId }: Client) => ({ clientId, token: operator.accessToken });
const logIn = (login: string, password: string, clientId: string) =>
  identity.call('POST', '/auth/login', { body: { login, password, clientId } });
const isOpen = async (token: string) => (await identity.call('GET', '/me', { token })).status === 200;
const canRefresh = async (refreshToken: string) =>
  (await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status === 201;

describe('another password', () => {
  test('opens the account where the old one does not, and the owner is told', async () => {
    const client = await aClient(identity);
    const answer = await change(client, { password: 'паучикапау' });
    expect([answer.status, answer.body]).toStrictEqual([200, {}]);
    expect((await logIn(client.email, client.password, client.browser)).status).toBe(401);
    expect((await logIn(client.email, 'паучикапау', client.browser)).status).toBe(201);
    const [mail] = await identity.mailTo(client.email);
    expect(mail).toMatchObject({ channel: 'email', subject: 'Ваш пароль изменён' });
    expect(mail?.text).toContain('сеансы на других устройствах завершены');
    expect(await actsOn(identity, client.id)).toStrictEqual([
      { act: 'password.changed', actorRole: 'customer', actorId: client.id, address: '127.0.0.1', facts: {} },
    ]);
  });

  test('ends every other session, and not the one that it is chosen in', async () => {
    const client = await aClient(identity);
    const elsewhere = await signIn(identity, { ...client, browser: 'another-browser' });
    await change(client, { password: 'паучикапау' });
    expect([await canRefresh(client.refreshToken), await canRefresh(elsewhere.refreshToken)]).toEqual([true, false]);
    expect(await isOpen(client.token)).toBe(true);
    const revoked = await toldOf(identity, 'identity.session.revoked.v1', client.id);
    expect(revoked).toMatchObject([{ reason: 'password_changed' }]);
    const [open] = await identity.deps.db.session.findMany({ where: { customerId: client.id, endedAt: null } });
    expect(open?.clientId).toBe(client.browser);
  });

  test('chosen by an operator ends every session of the client and none of the operator', async () => {
    const client = await aClient(identity);
    expect((await change(asOperator(client), { password: 'паучикапау' })).status).toBe(200);
    expect(await canRefresh(client.refreshToken)).toBe(false);
    expect(await isOpen(operator.accessToken)).toBe(true);
    expect(await actsOn(identity, client.id)).toMatchObject([
      { act: 'password.changed', actorRole: 'operator', actorId: operator.id },
    ]);
  });

  test('leaves no session behind that a login with the old one opens at that moment', async () => {
    const client = await aClient(identity);
    const [changed, ...logins] = await Promise.all([
      change(client, { password: 'паучикапау' }),
      ...Array.from({ length: 4 }, (_, n) => logIn(client.email, client.password, `browser-${n}`)),
    ]);
    expect(changed.status).toBe(200);
    for (const { status, body } of logins) {
      if (status === 201) expect(await canRefresh(body.tokens.refreshToken)).toBe(false);
    }
    expect(await identity.deps.db.session.count({ where: { customerId: client.id, endedAt: null } })).toBe(1);
  });

  test('is a fresh start for a stranger who has guessed at the old one too often', async () => {
    const client = await aClient(identity);
    for (let n = 0; n < 5; n += 1) await logIn(client.email, 'guess', `stranger-${n}`);
    for (let n = 0; n < 5; n += 1) await logIn(client.email, 'guessing', `stranger-${n}`);
    expect((await logIn(client.email, client.password, 'stranger')).status).toBe(429);
    await change(client, { password: 'паучикапау' });
    expect((await logIn(client.email, 'паучикапау', 'stranger')).status).toBe(201);
  });

  test.each([
    [{}, 'Это поле обязательно'],
    [{ password: null }, 'Нужен другой тип значения: строка'],
    [{ password: 'пять5' }, 'Слишком коротко, наименьшая длина: 6'],
    [{ password: 'x'.repeat(129) }, 'Слишком длинно, наибольшая длина: 128'],
    [{ password: 'a\u0000bcdef' }, 'В тексте есть недопустимые знаки'],
    [{ password: 'qwerty123' }, 'Этот пароль слишком распространён, выберите другой'],
  ])('%j is refused, and the old one stays', async (body, phrase) => {
    const client = await aClient(identity);
    expect(refusedFields(await change(client, body))).toEqual({ password: phrase });
    expect((await logIn(client.email, client.password, client.browser)).status).toBe(201);
    expect(await actsOn(identity, client.id)).toEqual([]);
  });

  test('comes with nothing else', async () => {
    const client = await aClient(identity);
    const answer = await change(client, { password: 'паучикапау', old_password: client.password });
    expect(refusedFields(answer)).toEqual({ old_password: 'Такого поля нет' });
  });
});

describe('a check of the password', () => {
  test('says whether it is the one, for the customer and for an operator', async () => {
    const client = await aClient(identity);
    for (const asker of [client, asOperator(client)]) {
      expect((await check(asker, client.password)).body).toStrictEqual({ matches: true });
      for (const guess of ['паучикапау', `${client.password} `, client.password.toUpperCase(), 'п', '']) {
        const { status, body } = await check(asker, guess);
        expect([guess, status, body]).toStrictEqual([guess, 200, { matches: false }]);
        await check(asker, client.password);
      }
    }
  });

  test('costs the same, and says no, for an account that has no password', async () => {
    const [client, without] = [await aClient(identity), await aClient(identity)];
    await identity.deps.db.customer.update({ where: { id: without.id }, data: { passwordHash: null } });
    const verify = vi.spyOn(identity.deps.hasher, 'verify');
    const seen = [];
    for (const { clientId } of [client, without]) {
      const asker = { clientId, token: operator.accessToken };
      const { result, statements } = await countStatements(identity.runtime, () => check(asker, 'not the password'));
      seen.push({ status: result.status, body: result.body, hashes: verify.mock.calls.length, statements });
      verify.mockClear();
    }
    verify.mockRestore();
    expect(seen[0]).toMatchObject({ status: 200, body: { matches: false }, hashes: 1 });
    expect(seen[1]).toEqual(seen[0]);
  });

  test('may be wrong five times, and then waits as a login does, and costs no hash meanwhile', async () => {
    const client = await aClient(identity);
    for (let n = 0; n < 5; n += 1) expect((await check(client, 'guess number n')).body).toEqual({ matches: false });
    const verify = vi.spyOn(identity.deps.hasher, 'verify');
    for (const wait of [30, 60, 120]) {
      expect(await check(client, client.password)).toMatchObject({
        status: 429,
        headers: { 'retry-after': String(wait) },
        body: { error: { code: 'too_many_attempts' } },
      });
      expect(verify).not.toHaveBeenCalled();
      identity.runtime.clock.advance(wait * 1000);
      expect((await check(client, 'guess number n')).status).toBe(200);
      verify.mockClear();
    }
    verify.mockRestore();
  });

  test('that is right forgets those that were wrong', async () => {
    const client = await aClient(identity);
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 4; n += 1) expect((await check(client, 'guess number n')).status).toBe(200);
      expect((await check(client, client.password)).body).toEqual({ matches: true });
    }
  });

  test('gains nothing from being asked in parallel', async () => {
    const client = await aClient(identity);
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => check(client, `guess number ${n}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
  });

  test.each(['email', 'phone'] as const)(
    'and a login by %s from the same browser have five tries together',
    async (by) => {
      const client = await aClient(identity);
      for (let n = 0; n < 3; n += 1) await check(client, 'guess number n');
      for (let n = 0; n < 2; n += 1)
        expect((await logIn(client[by], 'guess number n', client.browser)).status).toBe(401);
      expect((await logIn(client[by], client.password, client.browser)).status).toBe(429);
      expect((await check(client, client.password)).status).toBe(429);
      expect((await logIn(client[by], client.password, 'a stranger’s browser')).status).toBe(201);
    },
  );

  test('by an operator and a stranger’s login have five tries together, and keep nobody from their own browser', async () => {
    const client = await aClient(identity);
    for (let n = 0; n < 3; n += 1) await check(asOperator(client), 'guess number n');
    for (let n = 0; n < 2; n += 1)
      expect((await logIn(client.email, 'guess number n', `stranger-${n}`)).status).toBe(401);
    expect((await logIn(client.email, client.password, 'stranger-2')).status).toBe(429);
    expect((await check(asOperator(client), client.password)).status).toBe(429);
    expect((await check(client, client.password)).body).toEqual({ matches: true });
    expect((await logIn(client.email, client.password, client.browser)).status).toBe(201);
  });

  test('of one client is no try at another', async () => {
    const [one, other] = [await aClient(identity), await aClient(identity)];
    for (let n = 0; n < 6; n += 1) await check(asOperator(one), 'guess number n');
    expect((await check(asOperator(one), one.password)).status).toBe(429);
    expect((await check(asOperator(other), other.password)).body).toEqual({ matches: true });
  });

  test('is possible for somebody who came from another dialect', async () => {
    const buyer = await aCustomer(identity);
    const { uuid: clientId } = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: buyer.id } });
    expect((await check({ clientId, token: buyer.accessToken }, buyer.password)).body).toEqual({ matches: true });
  });

  test.each([
    [undefined, 'Это поле обязательно'],
    [null, 'Нужен другой тип значения: строка'],
    [123456, 'Нужен другой тип значения: строка'],
    ['x'.repeat(129), 'Слишком длинно, наибольшая длина: 128'],
    ['a\u0000b', 'В тексте есть недопустимые знаки'],
  ])('with %j is refused, and counts for nothing', async (password, phrase) => {
    const client = await aClient(identity);
    for (let n = 0; n < 6; n += 1) expect(refusedFields(await check(client, password))).toEqual({ password: phrase });
    expect((await check(client, client.password)).body).toEqual({ matches: true });
  });

  test('tells nobody, and nothing of it is written down', async () => {
    const client = await aClient(identity);
    await check(client, 'a guess that nobody keeps');
    await check(client, client.password);
    expect(await actsOn(identity, client.id)).toEqual([]);
    const kept = JSON.stringify([identity.runtime.logged, await identity.told()]);
    expect(kept).not.toContain('a guess that nobody keeps');
    expect(kept).not.toContain(client.password);
  });
});
