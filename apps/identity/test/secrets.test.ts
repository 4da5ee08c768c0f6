import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCustomer, anOperator, aRegistration } from './builders.ts';
import { startIdentity, type TestIdentity, tokenSecret } from './identity.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

/** Every route, well and badly used; what is said here must be found nowhere afterwards. */
async function useEverything(): Promise<string[]> {
  const canary = (n: number) => `canary-password-${n}`;
  const customer = await aCustomer(identity, { password: canary(1) });
  const operator = await anOperator(identity);
  const { call } = identity;
  const { body: pair } = await call('POST', '/auth/refresh', { body: { refreshToken: customer.refreshToken } });
  const login = (password: unknown) =>
    call('POST', '/auth/login', { body: { login: customer.email, password, clientId: 'c' } });
  await login(canary(2));
  await login([canary(3)]);
  await call('POST', '/auth/login', { body: { login: canary(4), password: canary(5), clientId: 'c' } });
  await call('POST', '/auth/register', { body: aRegistration({ email: customer.email, password: canary(6) }) });
  await call('POST', '/auth/register', { body: { ...aRegistration(), passwort: canary(7) } });
  await call('POST', '/auth/forgot-password', { body: { email: customer.email } });
  const [mail] = await identity.mailTo(customer.email);
  const link = /token=(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
  await call('POST', '/auth/reset-password', { body: { token: `${link}x`, newPassword: canary(8) } });
  await call('POST', '/auth/reset-password', { body: { token: link, newPassword: canary(8) } });
  await call('GET', '/me', { token: customer.accessToken });
  await call('GET', '/me', { token: `${customer.accessToken}x` });
  await call('GET', `/me?token=${canary(9)}`, { token: customer.accessToken });
  await call('GET', `/admin/customers?search=${canary(10)}`, { token: operator.accessToken });
  await call('POST', '/auth/logout', { token: customer.accessToken });
  identity.runtime.clock.advance(60_000);
  await call('POST', '/auth/refresh', { body: { refreshToken: customer.refreshToken } });
  await call('POST', '/auth/refresh', { body: { refreshToken: pair.refreshToken } });
  return [
    'canary-password',
    customer.accessToken,
    customer.refreshToken,
    pair.accessToken,
    pair.refreshToken,
    operator.accessToken,
    link,
    link.split('.')[2] as string,
    tokenSecret,
    '$argon2id$',
  ];
}

test('no password, token, link, hash or key is in any log line or event', async () => {
  const secrets = await useEverything();
  const logs = JSON.stringify(identity.runtime.logged);
  const events = JSON.stringify(await identity.told());
  expect(identity.runtime.logged.length).toBeGreaterThan(15);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(9);
    expect(logs).not.toContain(secret);
    expect(events).not.toContain(secret);
  }
});

test('a failure of the database says nothing of what was to be stored', async () => {
  const { email } = aRegistration();
  await identity.deps.database
    .$executeRaw`ALTER TABLE session ADD CONSTRAINT nobody CHECK (client_id <> 'canary-client')`;
  const { status, body } = await identity.call('POST', '/auth/register', {
    body: aRegistration({ email, clientId: 'canary-client', password: 'canary-password' }),
  });
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toMatch(/canary|session|constraint/);
  expect(JSON.stringify(identity.runtime.logged)).not.toMatch(/canary-client|canary-password/);
  expect(await identity.deps.db.customer.findUnique({ where: { email } })).toBeNull();
});
