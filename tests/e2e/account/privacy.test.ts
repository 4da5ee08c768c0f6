import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { aProduct } from '../catalogue.ts';
import { askForCode, codeTo, enterCode } from '../codes.ts';
import { signatureOf } from '../device.ts';
import { messagesTo } from '../mailbox.ts';
import { anApp } from '../mobile-app.ts';
import { aColleague, operate, operatorReads } from '../operator.ts';
import { lineOf, orderFor, placedOrder } from '../orders.ts';
import { aCustomer, signIn } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { asOwner, me, prove } from './account.ts';

test('somebody takes all that is stored about them with them, is erased, and is nobody to anybody; then they come anew', async () => {
  const { registration, customer, auth, tokens } = await aCustomer({ name: 'Зоряна Незабудько' });
  const { phone, email, password } = registration;
  await prove('phone', phone, asOwner({ registration, customer, auth, tokens }));
  const app = await anApp(phone, (to) => codeTo(to, gateway, 2));
  const order = await placedOrder(
    orderFor([lineOf(await aProduct())], { phone, name: 'Зоряна Незабудько', comment: 'код домофона 1917' }),
    auth,
  );

  const bonus = { key: randomUUID(), accountId: `wallet:${customer.id}:UAH`, amount: 5.5, reason: 'Зоряна дзвонила' };
  const { id } = await operate<{ id: string }>('post', '/admin/ledger/adjustments', bonus);
  const approve = `/admin/ledger/adjustments/${id}/approve`;
  expect((await gateway.post(approve, undefined, await aColleague())).status).toBe(200);

  const exported = await gateway.post<{
    customer: { id: string; name: string };
    orders: { id: string; comment: string }[];
    payments: unknown[];
    sessions: unknown[];
  }>('/me/export', undefined, auth);
  expect(exported.status, exported.text).toBe(201);
  expect(exported.headers.get('content-disposition')).toContain('attachment');
  expect(exported.body).toMatchObject({
    customer: { id: customer.id, name: 'Зоряна Незабудько' },
    orders: [{ id: order._id, comment: 'код домофона 1917' }],
    payments: [
      { what: 'wallet', currency: 'UAH', balance: 5.5, available: 5.5 },
      { what: 'transfer', kind: 'adjustment', amount: 5.5, balance: 5.5, reason: bonus.reason },
    ],
  });
  expect(exported.body.sessions).toHaveLength(2);

  expect((await gateway.delete('/me', auth)).status).toBe(403);
  expect((await gateway.delete('/me', auth, { password })).status).toBe(204);

  // Within a second, everywhere.
  const refused = async (path: string) =>
    until(async () => (await gateway.get(path, auth)).status === 401, {
      timeoutMs: 5_000,
      message: `${path} still answers`,
    });
  await Promise.all([refused('/me'), refused('/me/orders')]);
  expect((await me({ headers: signatureOf(app, { path: '/me' }) })).status).toBe(401);
  expect((await gateway.post('/auth/refresh', { refreshToken: tokens.refreshToken })).status).toBe(401);
  for (const login of [phone, email]) expect((await signIn(login, password)).status).toBe(401);

  const forgotten = await until(
    async () => {
      const seen = await operatorReads<{ phone: string | null; total: number }>(`/admin/orders/${order._id}`);
      return seen.phone === null ? seen : undefined;
    },
    { timeoutMs: 10_000, message: 'orders has not forgotten' },
  );
  expect(forgotten).toMatchObject({ customerId: customer.id, total: order.total });
  expect(JSON.stringify(forgotten)).not.toMatch(/Зоряна|1917/);
  expect(await messagesTo(phone)).toEqual([]);

  // Money cannot be forgotten; what was written about it is.
  const statement = `/admin/ledger/accounts/${encodeURIComponent(bonus.accountId)}/statement`;
  await until(async () => !JSON.stringify(await operatorReads(statement)).includes('Зоряна'), {
    timeoutMs: 10_000,
    message: 'payments has not forgotten',
  });
  expect(await operatorReads(statement)).toMatchObject({ items: [{ amount: 5.5, balance: 5.5, reason: null }] });

  const asked = await askForCode(gateway, phone);
  const { body } = await enterCode(asked, await codeTo(phone));
  expect(body.customer.id).not.toBe(customer.id);
  const anew = { bearer: body.tokens.accessToken };
  expect((await gateway.get<{ items: unknown[] }>('/me/orders', anew)).body.items).toEqual([]);
});

test('nobody is exported to somebody else, nor erased by them', async () => {
  const [one, other] = [await aCustomer(), await aCustomer()];
  const { body } = await gateway.post<{ customer: { id: string } }>('/me/export', undefined, one.auth);
  expect(body.customer.id).toBe(one.customer.id);
  expect((await gateway.delete('/me', one.auth, { password: other.registration.password })).status).toBe(403);
  expect((await gateway.post('/me/export')).status).toBe(401);
  expect((await gateway.delete('/me')).status).toBe(401);
  expect((await me(one.auth)).status).toBe(200);
});
