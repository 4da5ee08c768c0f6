import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { openTill, type Till } from '../../../test/till.ts';
import { captureHold, placeHold } from '../../hold/service.ts';
import { chargeWallet } from '../../wallet/service.ts';

let till: Till;
let other: Pick<Till, 'post'>;
let staff: Record<string, string>;
const operatorId = anId();

beforeAll(async () => {
  till = await openTill();
  other = await till.secondProcess();
  staff = await till.asOperator(operatorId);
});
afterAll(() => till.close());

async function aCharge(amount = 1_000n) {
  const customerId = anId();
  await till.fund(customerId, amount);
  const wish = { key: anId(), customerId, amount, revenue: 'charging', reference: 'session-7' };
  return { customerId, ...(await chargeWallet(till.deps, wish)) };
}
const aRefund = (transferId: string, wishes: object = {}) => ({
  key: `ticket-${anId()}`,
  transferId,
  amount: 4,
  reason: 'Paid twice',
  ...wishes,
});
const refund = (body: object, process: Pick<Till, 'post'> = till) => process.post('/admin/ledger/refunds', body, staff);
const balanceOf = async (customerId: string) => (await till.walletOf(customerId)).balance;

describe('a refund', () => {
  test('goes back to the wallet that paid, and both transfers tell of one another', async () => {
    const { customerId, transferId } = await aCharge();
    const { status, body } = await refund(aRefund(transferId));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'refund',
      refunds: transferId,
      refundedBy: [],
      reference: 'session-7',
      operatorId,
      reason: 'Paid twice',
    });
    expect(body.legs).toEqual(
      expect.arrayContaining([
        { accountId: `wallet:${customerId}:UAH`, amount: 4 },
        { accountId: 'revenue:charging:UAH', amount: -4 },
      ]),
    );
    expect(await balanceOf(customerId)).toBe(400n);
    expect((await till.get(`/admin/ledger/transfers/${transferId}`, staff)).body.refundedBy).toEqual([body.id]);
  });

  test('of a captured hold is one, too', async () => {
    const customerId = anId();
    await till.fund(customerId, 1_000n);
    const key = anId();
    const expiresAt = new Date(till.runtime.clock().getTime() + 60_000);
    await placeHold(till.deps, { key, customerId, amount: 1_000n, atLeast: 1n, reference: 'session-8', expiresAt });
    await captureHold(till.deps, { key, amount: 700n, revenue: 'charging' });
    const statement = await till.get(`/admin/ledger/accounts/wallet:${customerId}:UAH/statement?limit=1`, staff);
    expect((await refund(aRefund(statement.body.items[0].transferId, { amount: 7 }))).status).toBe(201);
    expect(await balanceOf(customerId)).toBe(1_000n);
  });

  test('that is sent again, also at once, gives back once', async () => {
    const { customerId, transferId } = await aCharge();
    const body = aRefund(transferId);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => refund(body, index % 2 ? other : till)));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.id}`)).size).toBe(1);
    expect(await balanceOf(customerId)).toBe(400n);
  });

  test('under the key of another one is refused', async () => {
    const { transferId } = await aCharge();
    const body = aRefund(transferId);
    await refund(body);
    const { status, body: problem } = await refund({ ...body, amount: 5 });
    expect([status, problem.code]).toEqual([409, 'transfer_key_reused']);
  });

  test('is with all the others never more than was paid, also at once', async () => {
    const { customerId, transferId } = await aCharge();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => refund(aRefund(transferId), index % 2 ? other : till)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, ...Array(6).fill(409)]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('refund_exceeds_transfer');
    expect(await balanceOf(customerId)).toBe(800n);
  });

  test('is of what a customer paid, and of nothing else', async () => {
    const { transferId } = await aCharge();
    const { body: refunded } = await refund(aRefund(transferId));
    const customerId = anId();
    await till.fund(customerId, 1_000n);
    const funded = await till.get(`/admin/ledger/accounts/wallet:${customerId}:UAH/statement`, staff);
    for (const id of [refunded.id, funded.body.items[0].transferId, anId()]) {
      const { status, body } = await refund(aRefund(id, { amount: 1 }));
      expect([status, body.code]).toEqual([404, 'transfer_not_found']);
    }
  });

  test.each([
    ['nothing', { amount: 0 }],
    ['less', { amount: -1 }],
    ['a part of a kopeck', { amount: 0.001 }],
    ['text', { amount: '1' }],
    ['far too much', { amount: 1e300 }],
    ['no reason', { reason: '' }],
    ['no key', { key: undefined }],
    ['a transfer by another name', { transferId: 'session-7' }],
    ['a wallet of choice', { customerId: anId() }],
  ])('of %s is a 400', async (_, wishes) => {
    const { transferId } = await aCharge();
    expect((await refund(aRefund(transferId, wishes))).status).toBe(400);
  });
});
