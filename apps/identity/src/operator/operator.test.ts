import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, logIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { makeOperator } from './service.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const ask = (method: 'GET', url: string, token: string) => identity.call(method, url, { token });
const told = async (subject: string, customerId: string) =>
  (await identity.told(subject)).map(({ data }) => data).filter((data) => data.customerId === customerId);

describe('the first operator', () => {
  const settings = { email: 'first@forecourt.local', password: 'first-operator' };
  const login = { phone: '', clientId: 'console', ...settings };

  test('is made once, by however many processes start at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => makeOperator(identity.deps, settings)));
    expect(outcomes.sort()).toEqual(['made', 'unchanged', 'unchanged', 'unchanged']);
    const { accessToken } = await logIn(identity, login);
    expect((await ask('GET', '/admin/customers', accessToken)).status).toBe(200);
    expect((await identity.call('GET', '/me', { token: accessToken })).body).toMatchObject({
      phone: null,
      email: settings.email,
    });
  });

  test('keeps the password that they have by now', async () => {
    expect(await makeOperator(identity.deps, { ...settings, password: 'an old setting' })).toBe('unchanged');
    await logIn(identity, login);
  });

  test('is nobody who only registered the address first', async () => {
    const { email, id } = await aCustomer(identity);
    expect(await makeOperator(identity.deps, { email, password: 'of the real operator' })).toBe('refused');
    expect(await identity.deps.db.customer.findUnique({ where: { id } })).toMatchObject({ roles: [], version: 1 });
  });

  test('may be a customer already, who proves it with their password', async () => {
    const customer = await aCustomer(identity);
    expect(await makeOperator(identity.deps, customer)).toBe('granted');
    const { accessToken } = await logIn(identity, customer);
    expect((await ask('GET', '/admin/customers', accessToken)).status).toBe(200);
    expect(await told('identity.customer.changed.v1', customer.id)).toMatchObject([{ roles: ['operator'] }]);
  });

  test('has no password that everybody tries first', async () => {
    await expect(
      makeOperator(identity.deps, { email: 'weak@forecourt.local', password: 'password' }),
    ).rejects.toThrow();
  });
});
