import { expect, test } from 'vitest';
import { anOperation } from './made-up.ts';
import { type ReplenishmentMaterial, replenishments } from './replenishments.ts';

const payment = { id: 'p1', ref: 'r1', amount: 500 };
const credit = {
  ...{ paymentId: 'p1', ref: 'r1', amount: 500, posted: 500, owner: 'c1' },
  ...{ customerId: 'c1', invoiceId: 'i1' },
};
const invoice = { id: 'i1', customerId: 'c1', amount: 500, paid: 500, status: 'success' };
const unpaid = { id: 'i2', customerId: 'c1', amount: 700, paid: 0, status: 'pending' };
const settled = { id: 'e1', invoiceId: 'i1', customerId: 'c1', status: 'success', amount: 500 };
const push = { topic: 'push.one', form: 'wrapped', status: 'success', amount: 500 } as const;

const sound: ReplenishmentMaterial = {
  made: [payment],
  credited: [credit],
  unfounded: [],
  invoices: [invoice, unpaid],
  settlements: [settled],
  heard: new Set(['e1']),
  topics: new Map([['c1', 'push.one']]),
  pushes: [push, { ...push, form: 'bare' }],
  waiting: 0,
  losses: 0,
  isMissing: false,
  asked: [
    anOperation({ kind: 'replenish', about: { invoiceId: 'i1', customerId: 'c1', amount: 500 } }),
    anOperation({
      kind: 'check-replenishment',
      about: { invoiceId: 'i1', customerId: 'c1' },
      reply: '{"replenishment":{"status":"success","amount":5}}',
    }),
  ],
};
const violationsOf = (wrong: Partial<ReplenishmentMaterial>) => replenishments.judge({ ...sound, ...wrong }).violations;

test('the check of replenishments passes what was paid, credited and told once', () => {
  expect(replenishments.judge(sound)).toMatchObject({ checked: 19, violations: [] });
});

test('the check of replenishments proves nothing when nobody paid', () => {
  const nothing = { made: [], credited: [], invoices: [], settlements: [], pushes: [], asked: [] };
  expect(violationsOf(nothing)).toEqual([
    'saw no payments made',
    'saw no payments credited',
    'saw no invoices asked for',
    'saw no invoices',
    'saw no settlements',
  ]);
});

test('what is paid after the end settles once more, with all that is in the wallet by then', () => {
  const more = {
    made: [payment, { id: 'p2', ref: 'r1', amount: 20 }],
    credited: [credit, { ...credit, paymentId: 'p2', amount: 20, posted: 20 }],
    invoices: [{ ...invoice, paid: 520 }],
    settlements: [settled, { ...settled, id: 'e2', amount: 520 }],
    heard: new Set(['e1', 'e2']),
    pushes: [500, 520].flatMap((amount) => [
      { ...push, amount },
      { ...push, form: 'bare' as const, amount },
    ]),
  };
  expect(violationsOf(more)).toEqual([]);
});

test('a broker that lost its memory may say once more what it had said', () => {
  const broken = { losses: 1, isMissing: true };
  expect(violationsOf({ pushes: [push, push], ...broken })).toEqual([]);
  expect(violationsOf({ pushes: [push, push, push], ...broken })).toHaveLength(1);
});

test('who has no app is pushed nothing', () => {
  expect(violationsOf({ topics: new Map(), pushes: [] })).toEqual([]);
});

test('who listened while the broker was away may have missed something', () => {
  expect(violationsOf({ pushes: [], isMissing: true })).toEqual([]);
});

const partly = { ...invoice, status: 'pending' };
test.each<[string, Partial<ReplenishmentMaterial>, RegExp]>([
  ['a payment that is in no wallet', { credited: [] }, /payment p1 of 500 on r1 was credited 0 times/],
  ['a payment that is credited twice', { credited: [credit, credit] }, /credited 2 times/],
  ['a payment on another invoice', { credited: [{ ...credit, ref: 'r2' }] }, /payment p1 of 500 on r1/],
  ['a payment that nobody made', { made: [] }, /payment p1 of 500 \(i1\) was never made/],
  ['another amount in the wallet', { credited: [{ ...credit, posted: 400 }] }, /put 400 into the wallet of c1/],
  ['money in a stranger’s wallet', { credited: [{ ...credit, owner: 'c2' }] }, /into the wallet of c2, not c1/],
  ['money without a payment', { unfounded: ['i9'] }, /i9 put money into a wallet that nobody paid/],
  ['an invoice that is lost', { invoices: [unpaid] }, /told of i1; stored is undefined/],
  [
    'a payment that was taken back',
    { invoices: [partly, unpaid] },
    /i1 was paid, operation .* says; stored is pending/,
  ],
  ['an invoice paid in full that waits', { invoices: [partly] }, /invoice i1 over 500 is pending with 500 paid/],
  [
    'an invoice that says another sum',
    { invoices: [{ ...invoice, paid: 900 }] },
    /900 are paid, and 500 in the wallet/,
  ],
  ['a settlement that nobody told', { settlements: [] }, /i1 is success with 500 paid; told was $/],
  ['a settlement told twice', { settlements: [settled, { ...settled, id: 'e2' }] }, /invoice i1 was told of twice/],
  ['a settlement that identity missed', { heard: new Set<string>() }, /never heard that invoice i1 settled \(e1\)/],
  [
    'a push that came twice',
    { pushes: [push, push] },
    /wrapped: push.one success 500 was pushed 2 times, and settled 1/,
  ],
  ['a push that never came', { pushes: [push] }, /bare: push.one success 500 was pushed 0 times, and settled 1/],
  ['pushes that wait', { waiting: 3 }, /3 settlements are not pushed yet/],
  ['a push of nothing', { pushes: [{ ...push, amount: 1 }], losses: 3 }, /success 1 was pushed 1 times, and settled 0/],
])('the check of replenishments sees %s', (_, wrong, sentence) => {
  expect(violationsOf(wrong)).toContainEqual(expect.stringMatching(sentence));
});
