import { orderChanged, orderPlaced } from '@forecourt/contracts';
import { dispatchMany, type SqlTx } from '@forecourt/messaging';
import { aMessage, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { writeOnOrderChanged, writeOnOrderPlaced } from './consumers.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

let made = 0;
const anOrder = (wishes: { customerId?: string; phone?: string } = {}) => ({
  orderId: `65f1a2b3${String(++made).padStart(16, '0')}`,
  version: 1,
  number: `A-${made}`,
  customerId: null,
  phone: `+38066${1_000_000 + made}`,
  language: 'en' as const,
  total: 70_050n,
  currency: 'UAH',
  ...wishes,
});
const item = { productId: '65f1a2b3c4d5e6f7a8b9c0aa', sku: 'BUR-801', title: 'Бор 801', quantity: 2, price: 35_025n };
const placed = (order: ReturnType<typeof anOrder>) =>
  aMessage(orderPlaced, { ...order, items: [item], deliveryFee: 0n, placedAt: identity.deps.clock() });
const changed = (order: ReturnType<typeof anOrder>, version: number, status: 'processing' | 'done') =>
  aMessage(orderChanged, { ...order, version, from: 'new', status, changedAt: identity.deps.clock() });

const transact = <T>(work: (tx: SqlTx) => Promise<T>) => identity.deps.database.transaction(work);
const hear = (message: ReturnType<typeof placed>, consumer = writeOnOrderPlaced) =>
  deliver(consumer, message, { transact });
const hearChange = (message: ReturnType<typeof changed>) => deliver(writeOnOrderChanged, message, { transact });

describe('a placed order', () => {
  test('is written to the customer by e-mail, in the language of the order', async () => {
    const { id: customerId, email } = await aCustomer(identity);
    const order = anOrder({ customerId });
    expect(await hear(placed(order))).toBe('applied');
    expect(await identity.mailTo(email)).toMatchObject([
      {
        channel: 'email',
        subject: `Order ${order.number} is placed, total UAH\u00a0700.50`,
        text: 'Thank you for your order!\n\nБор 801 × 2\n\nTotal: UAH\u00a0700.50',
      },
    ]);
  });

  test('of a guest is told by SMS to the phone that they ordered with', async () => {
    const order = anOrder();
    await hear(placed(order));
    expect(await identity.mailTo(order.phone)).toMatchObject([
      { channel: 'sms', subject: null, text: `Order ${order.number} is placed, total UAH\u00a0700.50` },
    ]);
  });

  test('of a customer who is gone is told to the phone of the order', async () => {
    const order = anOrder({ customerId: '0'.repeat(24) });
    await hear(placed(order));
    expect(await identity.mailTo(order.phone)).toHaveLength(1);
  });
});

test('orders that are heard of together are each told to their own buyer', async () => {
  const [ivan, olha] = [await aCustomer(identity), await aCustomer(identity)];
  const orders = [{ customerId: ivan.id }, {}, { customerId: olha.id }, { customerId: '0'.repeat(24) }].map(anOrder);
  const outcomes = await dispatchMany(writeOnOrderPlaced, orders.map(placed), { transact });
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('applied'));
  const recipients = [ivan.email, orders[1]?.phone, olha.email, orders[3]?.phone];
  for (const [index, recipient = ''] of recipients.entries()) {
    const mail = await identity.mailTo(recipient);
    expect(mail).toHaveLength(1);
    expect(mail[0]?.subject ?? mail[0]?.text).toContain(`${orders[index]?.number} is placed`);
  }
});

describe('a changed order', () => {
  test('is told at every change, each once, whatever is delivered again', async () => {
    const order = anOrder();
    const first = changed(order, 2, 'processing');
    expect(await hearChange(first)).toBe('applied');
    expect(await hearChange(first)).toBe('duplicate');
    expect(await hearChange(changed(order, 2, 'processing'))).toBe('applied'); // published again under a new id
    expect(await hearChange(changed(order, 3, 'done'))).toBe('applied');
    expect((await identity.mailTo(order.phone)).map(({ text }) => text).sort()).toEqual(
      [`Order ${order.number} is being prepared`, `Order ${order.number} is completed`].sort(),
    );
  });
});

test('a redelivered order writes one message', async () => {
  const order = anOrder();
  const message = placed(order);
  expect(await hear(message)).toBe('applied');
  expect(await hear(message)).toBe('duplicate');
  expect(await identity.mailTo(order.phone)).toHaveLength(1);
});

test.each([
  ['placed', writeOnOrderPlaced, () => placed(anOrder())],
  ['changed', writeOnOrderChanged, () => changed(anOrder(), 2, 'done')],
] as const)('a %s order that nobody can read becomes a dead letter, and writes nothing', async (_, consumer, make) => {
  const before = await identity.deps.db.message.count();
  const poison = { ...make(), payload: Buffer.from('{"orderId":"no order"}') };
  expect(await deliver(consumer, poison, { transact })).toBe('dead');
  expect(await identity.deps.db.message.count()).toBe(before);
  const letters = await identity.deps.database.$queryRaw<{ consumer: string }[]>`
    SELECT consumer FROM dead_letter WHERE consumer = ${consumer.durable}`;
  expect(letters).toHaveLength(1);
});
