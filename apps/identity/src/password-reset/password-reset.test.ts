import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aCustomer, logIn, type SignedIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const forgot = (email: string, headers: Record<string, string> = {}) =>
  identity.call('POST', '/auth/forgot-password', { body: { email }, headers });
const reset = (token: string, newPassword = 'four white storks') =>
  identity.call('POST', '/auth/reset-password', { body: { token, newPassword } });
const said = {
  status: 201,
  body: { message: 'Якщо email існує, лист з інструкціями буде надіслано' },
};
const invalid = {
  status: 400,
  body: { statusCode: 400, message: 'Невірний або прострочений токен відновлення', error: 'Bad Request' },
};
const used = {
  status: 400,
  body: { statusCode: 400, message: 'Токен вже використано або пароль був змінено', error: 'Bad Request' },
};

async function linkFor(customer: SignedIn): Promise<string> {
  await forgot(customer.email);
  const [mail] = await identity.mailTo(customer.email);
  return /reset-password\?token=(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
}

describe('asking for a link', () => {
  test('answers the same for a known and an unknown address, at the cost of the same statements, and sends nothing itself', async () => {
    const { email } = await aCustomer(identity);
    const known = await countStatements(identity.runtime, () => forgot(email));
    const unknown = await countStatements(identity.runtime, () => forgot('nobody.has.this@example.com'));
    expect(known.result).toMatchObject(said);
    expect(unknown.result.body).toEqual(known.result.body);
    expect(unknown.statements).toEqual(known.statements);
    expect(await identity.deps.db.developmentMessage.count({ where: { recipient: email } })).toBe(0);
  });

  test('mails a link to the shop, in the language of the customer, and nothing to strangers', async () => {
    const { email } = await aCustomer(identity);
    await forgot(email.toUpperCase(), { 'accept-language': 'en' });
    const [mail, ...others] = await identity.mailTo(email);
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ channel: 'email', subject: 'Відновлення пароля' });
    expect(mail?.text).toMatch(/http:\/\/localhost:5173\/reset-password\?token=eyJ[\w-]+\.[\w-]+\.[\w-]+\s/);
    await forgot('stranger@example.com');
    expect(await identity.mailTo('stranger@example.com')).toEqual([]);
  });

  test('stores no link', async () => {
    const { email } = await aCustomer(identity);
    await forgot(email);
    await identity.mailTo(email);
    const rows = await identity.deps.database.$queryRaw<{ row: string }[]>`SELECT m::text AS row FROM message m`;
    expect(rows.some(({ row }) => row.includes('eyJ'))).toBe(false);
  });

  test('fills no mailbox: three mails an hour, and still the same answer', async () => {
    const { email } = await aCustomer(identity);
    for (let n = 0; n < 5; n += 1) expect(await forgot(email)).toMatchObject(said);
    expect(await identity.mailTo(email)).toHaveLength(3);
  });

  test('is refused to one network address after twenty times an hour in production', async () => {
    const strict = await startIdentity({ ADDRESS_LIMIT_SCALE: '1' });
    const ask = (n: number) => strict.call('POST', '/auth/forgot-password', { body: { email: `a${n}@example.com` } });
    for (let n = 0; n < 20; n += 1) expect(await ask(n)).toMatchObject(said);
    expect(await ask(20)).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
    await strict.close();
  });

  test.each([
    [{ email: 'x' }, ['email must be an email']],
    [{}, ['email should not be empty']],
  ])('%j is a 400', async (body, message) => {
    expect(await identity.call('POST', '/auth/forgot-password', { body })).toMatchObject({
      status: 400,
      body: { message },
    });
  });
});

describe('a link', () => {
  test('changes the password, ends every session everywhere, and tells the owner', async () => {
    const customer = await aCustomer(identity);
    const other = await logIn(identity, customer);
    expect(await reset(await linkFor(customer))).toMatchObject({
      status: 201,
      body: { message: 'Пароль успішно змінено' },
    });

    for (const { refreshToken } of [customer, other]) {
      expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    }
    const revoked = (await identity.told('identity.session.revoked.v1')).filter(
      ({ data }) => data.customerId === customer.id,
    );
    expect(revoked.map(({ data }) => data.reason)).toEqual(['password_reset', 'password_reset']);
    await expect(logIn(identity, customer)).rejects.toThrow('401');
    await logIn(identity, { ...customer, password: 'four white storks' });
    const mails = await identity.mailTo(customer.email);
    expect(mails.map(({ subject }) => subject).sort()).toEqual(['Ваш пароль змінено', 'Відновлення пароля']);
  });

  test('works once', async () => {
    const link = await linkFor(await aCustomer(identity));
    expect((await reset(link)).status).toBe(201);
    expect(await reset(link, 'five black swans')).toMatchObject(used);
  });

  test('used ten times at once works once', async () => {
    const customer = await aCustomer(identity);
    const link = await linkFor(customer);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => reset(link, `storks in number ${n}`)));
    const winner = answers.findIndex(({ status }) => status === 201);
    for (const loser of answers.filter((_, n) => n !== winner)) expect(loser).toMatchObject(used);
    await logIn(identity, { ...customer, password: `storks in number ${winner}` });
  });

  test('is overtaken by a newer password, and then costs no hash', async () => {
    const customer = await aCustomer(identity);
    const [first, second] = [await linkFor(customer), await linkFor(customer)];
    await reset(second);
    const hash = vi.spyOn(identity.deps.hasher, 'hash');
    expect(await reset(first)).toMatchObject(used);
    expect(hash).not.toHaveBeenCalled();
    hash.mockRestore();
  });

  test('is overtaken by a new e-mail address', async () => {
    const customer = await aCustomer(identity);
    const link = await linkFor(customer);
    const body = { email: `new.${customer.email}` };
    expect((await identity.call('PATCH', '/me', { body, token: customer.accessToken })).status).toBe(200);
    expect(await reset(link)).toMatchObject(used);
    await logIn(identity, { ...customer, ...body });
  });

  test('lives an hour', async () => {
    const link = await linkFor(await aCustomer(identity));
    identity.runtime.clock.advance(3_600_000);
    expect(await reset(link)).toMatchObject(invalid);
  });

  test('with a letter changed is none', async () => {
    const link = await linkFor(await aCustomer(identity));
    const [head, payload, signature] = link.split('.') as [string, string, string];
    const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('password-reset', 'password-Reset'));
    expect(await reset([head, other.toString('base64url'), signature].join('.'))).toMatchObject(invalid);
    expect(await reset(`${head}.${payload}.`)).toMatchObject(invalid);
    expect(await reset('no token at all')).toMatchObject(invalid);
  });

  test('is not an access token, nor the other way round', async () => {
    const customer = await aCustomer(identity);
    expect(await reset(customer.accessToken)).toMatchObject(invalid);
    expect((await identity.call('GET', '/me', { token: await linkFor(customer) })).status).toBe(401);
  });

  test('of a customer who is gone is a 404', async () => {
    const customer = await aCustomer(identity);
    const link = await linkFor(customer);
    await identity.deps.db.customer.delete({ where: { id: customer.id } });
    expect(await reset(link)).toMatchObject({
      status: 404,
      body: { message: 'Покупця не знайдено', error: 'Not Found' },
    });
  });

  test('takes no password that everybody tries first, and can be used again with a better one', async () => {
    const link = await linkFor(await aCustomer(identity));
    expect(await reset(link, 'password')).toMatchObject({ status: 400 });
    expect((await reset(link)).status).toBe(201);
  });

  test('opens an account that guessing has locked', async () => {
    const customer = await aCustomer(identity);
    const guess = (password: string) =>
      identity.call('POST', '/auth/login', { body: { login: customer.email, password, clientId: 'new browser' } });
    for (let n = 0; n < 6; n += 1) await guess('a wrong password');
    await reset(await linkFor(customer));
    expect((await guess('four white storks')).status).toBe(201);
  });
});

test.each([
  [{ token: 't' }, ['newPassword should not be empty']],
  [{ token: 't', newPassword: '12345' }, ['newPassword must be longer than or equal to 6 characters']],
  [{ newPassword: '123456789a' }, ['token should not be empty']],
])('%j is a 400', async (body, message) => {
  expect(await identity.call('POST', '/auth/reset-password', { body })).toMatchObject({
    status: 400,
    body: { message },
  });
});
