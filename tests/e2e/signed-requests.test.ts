import { beforeAll, expect, test } from 'vitest';
import { anAppOf, type Signing, type SigningApp, signatureOf } from './device.ts';
import { aCustomer, operatorBearer, type Person } from './people.ts';
import { gateway } from './storefront-client.ts';

let person: Person;
let app: SigningApp;
beforeAll(async () => {
  person = await aCustomer();
  app = await anAppOf(person);
});

const headers = (signing: Signing, by = app) => ({ headers: signatureOf(by, signing) });

test('a signed request opens what a bearer token opens, in every service', async () => {
  const bearer = await gateway.get('/me', person.auth);
  const signed = await gateway.get('/me?x=1', headers({ path: '/me' }));
  expect([signed.status, signed.body]).toEqual([200, bearer.body]);
  expect(await gateway.get('/me/orders', headers({ path: '/me/orders' }))).toMatchObject({
    status: 200,
    body: { items: [] },
  });
  const renamed = await gateway.patch('/me', { name: 'Марія' }, headers({ method: 'PATCH', path: '/me' }));
  expect(renamed).toMatchObject({ status: 200, body: { name: 'Марія' } });
  expect((await gateway.get('/products', headers({ path: '/products' }))).status).toBe(200);
  expect((await gateway.get('/admin/orders', headers({ path: '/admin/orders' }))).status).toBe(403);
  expect((await gateway.get('/admin/products', headers({ path: '/admin/products' }))).status).toBe(403);
});

test.each<[string, (date: Date) => string]>([
  ['GMT', (date) => date.toUTCString()],
  ['+0000', (date) => date.toUTCString().replace('GMT', '+0000')],
  ['+0600', (date) => new Date(date.getTime() + 6 * 3_600_000).toUTCString().replace('GMT', '+0600')],
  ['a one-digit day', (date) => date.toUTCString().replace(/, 0/, ', ')],
])('a date with %s is taken, and its request once', async (_, spell) => {
  const call = headers({ path: '/me', date: spell(new Date()) });
  expect((await gateway.get('/me', call)).status).toBe(200);
  expect((await gateway.get('/me', call)).status).toBe(400);
});

test('of twenty equal requests at once exactly one is taken', async () => {
  const call = headers({ path: '/me' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.get('/me', call)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 400)]);
});

test('what is wrong with a signed request is a 401 only when it is who signs', async () => {
  const statusOf = async (call: ReturnType<typeof headers>) => (await gateway.get('/me', call)).status;
  const good = headers({ path: '/me' });
  const stale = new Date(Date.now() - 11 * 60_000).toUTCString();
  expect(await statusOf(headers({ path: '/me', date: stale }))).toBe(400);
  expect(await statusOf({ headers: { ...good.headers, authentication: 'hmac' } })).toBe(400);
  expect(await statusOf({ headers: { ...good.headers, 'hive-profile': 'nobody' } })).toBe(400);
  expect((await gateway.get('/me', { ...good, ...person.auth })).status).toBe(400);
  expect(await statusOf(headers({ path: '/another' }))).toBe(401);
  expect(await statusOf(headers({ path: '/me' }, { ...app, id: '9007199254740991' }))).toBe(401);
  expect(await statusOf(good)).toBe(200);
});

test('once its session has ended the app is nobody, and so is one of a customer who is blocked', async () => {
  const other = await aCustomer();
  const [one, two] = [await anAppOf(other), await anAppOf(other)];
  expect(
    (await gateway.post('/auth/logout', undefined, headers({ method: 'POST', path: '/auth/logout' }, one))).status,
  ).toBe(204);
  expect((await gateway.get('/me', headers({ path: '/me' }, one))).status).toBe(401);
  expect((await gateway.get('/me', headers({ path: '/me' }, two))).status).toBe(200);
  await gateway.post(`/admin/customers/${other.customer.id}/block`, {}, await operatorBearer());
  expect((await gateway.get('/me', headers({ path: '/me' }, two))).status).toBe(401);
  // What was exchanged before is no way around it: a public answer is refused to a signature that is worth nothing.
  expect((await gateway.get('/products', headers({ path: '/products' }, two))).status).toBe(401);
});
