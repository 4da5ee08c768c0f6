import { pendingOrderRefused, subscriptionChanged, subscriptionRenewalDue } from '@forecourt/contracts';
import { languages } from '@forecourt/dialects';
import type { SqlTx } from '@forecourt/messaging';
import { aMessage, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aCodeLogin } from '../../test/phone-login.ts';
import { writeOnPendingOrderRefused, writeOnRenewalDue, writeOnSubscriptionChanged } from './subscription-consumers.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const title = { uk: 'Інтернет 100', ru: 'Интернет 100', en: 'Internet 100' };
/** In Tbilisi it is the first of January by then. */
const until = new Date('2026-12-31T20:00:00.000Z');
let made = 0;
const anId = () => `75f1a2b3${String(++made).padStart(16, '0')}`;

/** Somebody whose phone is proved. */
async function aSubscriber(language: string = 'en') {
  const { id, phone } = await aCodeLogin(identity);
  await identity.deps.db.customer.update({ where: { id }, data: { language } });
  return { customerId: id, phone };
}

const told = () => ({ time: identity.deps.clock() });
const changed = (
  customerId: string,
  wishes: Partial<Parameters<typeof aMessage<typeof subscriptionChanged>>[1]> = {},
) =>
  aMessage(
    subscriptionChanged,
    {
      subscriptionId: anId(),
      version: 1,
      customerId,
      productId: anId(),
      productNumber: 7,
      title,
      state: 'active',
      price: 3_500n,
      currency: 'GEL',
      from: new Date('2026-11-30T20:00:00.000Z'),
      until,
      timeZone: 'Asia/Tbilisi',
      renews: true,
      reason: 'paid',
      changedAt: identity.deps.clock(),
      ...wishes,
    },
    told(),
  );
const due = (customerId: string, covered = true) =>
  aMessage(
    subscriptionRenewalDue,
    {
      subscriptionId: anId(),
      version: 3,
      customerId,
      title,
      price: 3_500n,
      currency: 'GEL',
      renewsAt: until,
      timeZone: 'Asia/Tbilisi',
      covered,
    },
    told(),
  );
const refused = (customerId: string) =>
  aMessage(
    pendingOrderRefused,
    {
      pendingOrderId: anId(),
      version: 1,
      customerId,
      title,
      reason: 'out_of_stock',
      refusedAt: identity.deps.clock(),
    },
    told(),
  );

const transact = <T>(work: (tx: SqlTx) => Promise<T>) => identity.deps.database.transaction(work);
/** Of one instant, they come in any order. */
const textsTo = async (recipient: string) => (await identity.mailTo(recipient)).map(({ text }) => text).sort();
/** Without the code that they signed in with. */
const newsTo = async (phone: string) => (await textsTo(phone)).filter((text) => !text.includes('Код'));

describe('a subscriber hears', () => {
  test('three days before, what it will cost, and whether the balance suffices', async () => {
    const { customerId, phone } = await aSubscriber();
    await deliver(writeOnRenewalDue, due(customerId), { transact });
    await deliver(writeOnRenewalDue, due(customerId, false), { transact });
    const [covered, uncovered] = await newsTo(phone);
    expect(covered).toMatch(/^Internet 100 renews on Jan 1, 2027 for GEL\s35\.00\.$/);
    expect(uncovered).toMatch(/ Top up: there is too little on your balance\.$/);
  });

  test('that it is inactive, once for each end, and that it is active again', async () => {
    const { customerId, phone } = await aSubscriber();
    const subscriptionId = anId();
    const wanting = { subscriptionId, state: 'unpaid', reason: 'insufficient_balance' } as const;
    await deliver(writeOnSubscriptionChanged, changed(customerId, wanting), { transact });
    await deliver(writeOnSubscriptionChanged, changed(customerId, { ...wanting, version: 2, renews: false }), {
      transact,
    });
    await deliver(writeOnSubscriptionChanged, changed(customerId, { subscriptionId, version: 3 }), { transact });
    expect(await newsTo(phone)).toEqual([
      'Internet 100 is active until Jan 1, 2027.',
      'Internet 100 is inactive: too little on your balance. It is active at once when you top up.',
    ]);
  });

  test.each(['not_offered', 'given_up', 'operator'] as const)('that it has ended: %s', async (reason) => {
    const { customerId, phone } = await aSubscriber();
    await deliver(writeOnSubscriptionChanged, changed(customerId, { state: 'ended', reason }), { transact });
    expect(await newsTo(phone)).toEqual(['Internet 100 has ended.']);
  });

  test('that a confirmed order came to nothing', async () => {
    const { customerId, phone } = await aSubscriber();
    await deliver(writeOnPendingOrderRefused, refused(customerId), { transact });
    expect(await newsTo(phone)).toEqual([
      'Internet 100: the order came to nothing. You were charged nothing. Please order again.',
    ]);
  });

  test.each([
    ['active', 'renewed'],
    ['active', 'extended'],
    ['active', 'insufficient_balance'],
    ['unpaid', 'ordered'],
    ['ended', 'canceled'],
    ['ended', 'replaced'],
    ['ended', 'erased'],
  ] as const)('nothing of what they did, or see anyway: %s, %s', async (state, reason) => {
    const { customerId, phone } = await aSubscriber();
    await deliver(writeOnSubscriptionChanged, changed(customerId, { state, reason }), { transact });
    expect(await newsTo(phone)).toEqual([]);
  });

  test.each(languages)('in their own language: %s', async (language) => {
    const { customerId, phone } = await aSubscriber(language);
    await deliver(writeOnRenewalDue, due(customerId, false), { transact });
    await deliver(writeOnSubscriptionChanged, changed(customerId), { transact });
    const script = {
      uk: /\p{sc=Cyrl}/u,
      ru: /\p{sc=Cyrl}/u,
      ka: /\p{sc=Geor}/u,
      mn: /\p{sc=Cyrl}/u,
      en: /^[\x20-\x7e\xa0]+$/,
    };
    const news = await newsTo(phone);
    expect(news).toHaveLength(2);
    for (const text of news) expect(text).toMatch(script[language]);
  });
});

test('a phone that nothing proves is not written to: the address is, or nothing', async () => {
  const { id: customerId, email, phone } = await aCustomer(identity);
  await deliver(writeOnSubscriptionChanged, changed(customerId), { transact });
  expect(await identity.mailTo(phone)).toEqual([]);
  expect(await identity.mailTo(email)).toMatchObject([{ subject: expect.stringContaining('Інтернет 100') }]);
  expect(await deliver(writeOnSubscriptionChanged, changed(anId()), { transact })).toBe('applied');
});

test('nobody who was erased is written to', async () => {
  const { customerId } = await aSubscriber();
  const erased = { erasedAt: identity.deps.clock(), phone: null, phoneVerifiedAt: null };
  await identity.deps.db.customer.update({ where: { id: customerId }, data: erased });
  const before = await identity.deps.db.message.count();
  await deliver(writeOnRenewalDue, due(customerId), { transact });
  expect(await identity.deps.db.message.count()).toBe(before);
});

test.each([
  ['a renewal that is due', writeOnRenewalDue, due],
  ['a change', writeOnSubscriptionChanged, changed],
  ['a refused order', writeOnPendingOrderRefused, refused],
] as const)(
  '%s that is delivered again writes one message, and one that nobody can read none',
  async (_, consumer, make) => {
    const { customerId, phone } = await aSubscriber();
    const message = make(customerId);
    expect(await deliver(consumer, message, { transact })).toBe('applied');
    expect(await deliver(consumer, message, { transact })).toBe('duplicate');
    // Published again, under a new id.
    expect(await deliver(consumer, { ...make(customerId), payload: message.payload }, { transact })).toBe('applied');
    expect(await newsTo(phone)).toHaveLength(1);

    const before = await identity.deps.db.message.count();
    const poison = { ...make(customerId), payload: Buffer.from('{"customerId":1}') };
    expect(await deliver(consumer, poison, { transact })).toBe('dead');
    expect(await identity.deps.db.message.count()).toBe(before);
  },
);
