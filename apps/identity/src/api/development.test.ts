import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { queueMessage } from '../message/store.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const messages = (query: string, accept = '*/*') =>
  identity.call('GET', `/dev/messages${query}`, { headers: { accept } });
const text = (recipient: string, number: string) =>
  queueMessage(identity.deps.database, {
    kind: 'order_changed',
    facts: { number, status: 'done' },
    channel: 'sms',
    recipient,
    language: 'en',
    dedupeKey: number,
    now: identity.deps.clock(),
  });

test('shows what would have gone out to somebody, newest first, in the documented shape', async () => {
  const { email } = await aCustomer(identity);
  await identity.call('POST', '/auth/forgot-password', { body: { email } });
  await identity.mailTo(email);
  identity.runtime.clock.advance(1000);
  await identity.call('POST', '/auth/forgot-password', { body: { email } });
  await identity.mailTo(email);
  const { status, body } = await messages(`?to=${email.toUpperCase()}`);
  expect(status).toBe(200);
  expect(body).toStrictEqual({
    items: [1000, 0].map((age) => ({
      id: expect.any(String),
      channel: 'email',
      to: email,
      subject: 'Відновлення пароля',
      text: expect.stringContaining('/reset-password?token='),
      createdAt: new Date(identity.deps.clock().getTime() - 1000 + age).toISOString(),
    })),
  });
});

test.each(['%2B380661112233', '+380661112233', '380661112233'])(
  'finds the SMS to the phone written as ?to=%s',
  async (to) => {
    await text('+380661112233', 'A-1');
    await identity.mailTo('+380661112233');
    const { body } = await messages(`?to=${to}`);
    expect(body.items).toStrictEqual([
      {
        id: expect.any(String),
        channel: 'sms',
        to: '+380661112233',
        text: 'Order A-1 is completed',
        createdAt: expect.any(String),
      },
    ]);
  },
);

test('is a page for a browser, in which a message can do nothing', async () => {
  await text('+380661112244', '<script>alert(1)</script>');
  await identity.mailTo('+380661112244');
  const { headers, body } = await messages('', 'text/html,application/xhtml+xml;q=0.9');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body).toContain('&lt;script&gt;');
  expect(body).not.toContain('<script>');
});

test('is not there in production, where a mail waits until something is configured that sends it', async () => {
  const production = await startIdentity({ NODE_ENV: 'production' });
  expect((await production.call('GET', '/dev/messages')).status).toBe(404);
  const { email } = await aCustomer(production);
  await production.call('POST', '/auth/forgot-password', { body: { email } });
  expect(await production.mailTo(email)).toEqual([]);
  expect(await production.deps.db.message.findMany()).toMatchObject([{ status: 'undeliverable' }]);
  await production.close();
});
