import { expect, test } from 'vitest';
import { anOperation } from './made-up.ts';
import { type SubscriptionMaterial, subscriptions } from './subscriptions.ts';

const active = {
  ...{ id: 's1', customerId: 'c1', line: 'internet', productId: 'p1', state: 'active' },
  ...{ inForce: true, covered: true, overdueSeconds: 0 },
};
const waiting = { ...active, id: 's2', line: null, productId: 'p2', state: 'unpaid', inForce: false, covered: false };
const period = { id: 's1', n: 1, customerId: 'c1', status: 'paid', price: 4000 };
const free = { ...period, n: 2, price: 0 };
const refused = { ...period, id: 's2', status: 'refused' };
const charge = { key: 'subscription:s1:1', owner: 'c1', amount: 4000 };
const done = { id: 'o1', verification: 'v1', status: 'done', overdueSeconds: 0 };

const sound: SubscriptionMaterial = {
  subscriptions: [active, waiting],
  periods: [period, free, refused],
  charges: [charge],
  pending: [done, { id: 'o2', verification: null, status: 'pending', overdueSeconds: -300 }],
  asked: [
    anOperation({ kind: 'confirm-order', about: { verification: 'v1' } }),
    anOperation({ kind: 'confirm-order', about: { verification: 'v9' }, outcome: 'fail', status: 400 }),
  ],
};
const violationsOf = (wrong: Partial<SubscriptionMaterial>) => subscriptions.judge({ ...sound, ...wrong }).violations;

test('the check of subscriptions passes what is paid once and active for it', () => {
  expect(subscriptions.judge(sound)).toMatchObject({ checked: 13, violations: [] });
});

test('the check of subscriptions proves nothing when nobody subscribed', () => {
  const nothing = { subscriptions: [], periods: [], charges: [], pending: [], asked: [] };
  expect(violationsOf(nothing)).toEqual([
    'saw no periods',
    'saw no subscriptions',
    'saw no pending orders',
    'saw no confirmations',
  ]);
});

test.each<[string, Partial<SubscriptionMaterial>, string]>([
  ['a period that is paid without a charge', { charges: [] }, 'period 1 of s1 is paid for 4000; taken was []'],
  ['a period that was charged twice', { charges: [charge, charge] }, 'period 1 of s1'],
  ['another amount', { charges: [{ ...charge, amount: 4001 }] }, '4001'],
  ['somebody else’s money', { charges: [{ ...charge, owner: 'c2' }] }, 'c2'],
  [
    'a charge for what was refused',
    { charges: [charge, { ...charge, key: 'subscription:s2:1' }] },
    'is refused for 4000',
  ],
  ['a charge for no period', { charges: [charge, { ...charge, key: 'subscription:s1:9' }] }, 'there is no such period'],
  [
    'active without being paid for',
    { subscriptions: [{ ...active, covered: false }] },
    's1 is active, and not paid for',
  ],
  ['paid for without being active', { subscriptions: [{ ...active, inForce: false }] }, 'not in force, and paid for'],
  ['two of one line', { subscriptions: [active, { ...active, id: 's3', productId: 'p3' }] }, '2 subscriptions at once'],
  [
    'one that nobody looks at',
    { subscriptions: [{ ...active, overdueSeconds: 200 }] },
    'nobody has looked at s1 for 200 s',
  ],
  [
    'an order without an end',
    { pending: [done, { ...done, id: 'o3', status: 'confirmed', overdueSeconds: 200 }] },
    'o3 is confirmed',
  ],
  [
    'a confirmation that came to nothing',
    { pending: [{ ...done, status: 'lapsed' }] },
    'confirmed an order that is lapsed',
  ],
  ['a confirmation of nothing', { pending: [] }, 'that is not there'],
])('the check of subscriptions sees %s', (_, wrong, saying) => {
  expect(violationsOf(wrong).join('\n')).toContain(saying);
});
