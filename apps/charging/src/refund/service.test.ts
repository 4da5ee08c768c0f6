import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../test/bay.ts';
import { anId } from '../../test/builders.ts';
import { mortal } from '../../test/mortal.ts';
import { startSession } from '../session/driving.ts';
import { askAgain, refundPurchase } from './service.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());
beforeEach(() => {
  bay.wallets.misbehave = () => undefined;
});

/** 210.00, of 1,000.00. */
async function aPurchase() {
  const scene = await bay.scene();
  const station = stationOf(bay, scene);
  const { id, idToken, number } = await startSession(bay.deps, scene);
  await station.begin({ idToken });
  const finish = async () => {
    await station.end(String(number), 1_300n, { reason: 'EVDisconnected' });
    await bay.settle();
  };
  const refund = (amount: bigint, key = anId()) =>
    refundPurchase(bay.deps, { sessionId: id, key, amount, reason: 'a broken cable', operatorId: anId() });
  const refunded = async () => (await bay.session(id)).refunded;
  return { ...scene, id, finish, refund, refunded, balance: () => bay.wallets.balance(scene.customerId) };
}

test('what is given back is in the wallet, and on the purchase', async () => {
  const purchase = await aPurchase();
  await purchase.finish();
  await purchase.refund(10_000n);
  expect([purchase.balance(), await purchase.refunded()]).toEqual([89_000n, 10_000n]);
  await purchase.refund(11_000n);
  expect([purchase.balance(), await purchase.refunded()]).toEqual([100_000n, 21_000n]);
  await expect(purchase.refund(1n)).rejects.toMatchObject({ code: 'refund_exceeds_transfer' });
});

test('a wish that is sent again gives back once; another one needs another key', async () => {
  const purchase = await aPurchase();
  await purchase.finish();
  const key = anId();
  await purchase.refund(5_000n, key);
  await purchase.refund(5_000n, key);
  expect([purchase.balance(), await purchase.refunded()]).toEqual([84_000n, 5_000n]);
  await expect(purchase.refund(5_001n, key)).rejects.toMatchObject({ code: 'transfer_key_reused' });
});

test('of many at once no more is given back than was paid', async () => {
  const purchase = await aPurchase();
  await purchase.finish();
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => purchase.refund(10_000n)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect([purchase.balance(), await purchase.refunded()]).toEqual([99_000n, 20_000n]);
});

test('nothing is given back of what goes on, or never was', async () => {
  const purchase = await aPurchase();
  await expect(purchase.refund(1n)).rejects.toMatchObject({ code: 'purchase_move_refused' });
  const wish = { sessionId: anId(), key: anId(), amount: 1n, reason: 'none', operatorId: anId() };
  await expect(refundPurchase(bay.deps, wish)).rejects.toMatchObject({ code: 'purchase_not_found' });
});

test.each(['away', 'lost'] as const)(
  'where payments is %s the rounds ask again, and it is given back once',
  async (mishap) => {
    const purchase = await aPurchase();
    await purchase.finish();
    bay.wallets.misbehave = (call) => (call === 'refund' ? mishap : undefined);
    await expect(purchase.refund(7_000n)).rejects.toThrow();
    bay.pass(31);
    await askAgain(bay.deps);
    bay.wallets.misbehave = () => undefined;
    await askAgain(bay.deps);
    await askAgain(bay.deps);
    expect([purchase.balance(), await purchase.refunded()]).toEqual([86_000n, 7_000n]);
    expect(await bay.deps.prisma.sessionRefund.findMany({ where: { sessionId: purchase.id } })).toMatchObject([
      { status: 'done', amount: 7_000n },
    ]);
  },
);

test('what payments has given back by another way already is refused, and is not on the purchase', async () => {
  const purchase = await aPurchase();
  await purchase.finish();
  await bay.wallets.refund({ key: anId(), of: `session:${purchase.id}:1`, amount: 20_000n, reason: 'by the ledger' });
  await expect(purchase.refund(5_000n)).rejects.toMatchObject({ code: 'refund_exceeds_transfer' });
  expect(await purchase.refunded()).toBe(0n);
  await purchase.refund(1_000n);
  expect([purchase.balance(), await purchase.refunded()]).toEqual([100_000n, 1_000n]);
});

test('wherever a process dies in the middle of a refund, it is given back once by those that live', async () => {
  for (let dieAt = 1; ; dieAt += 1) {
    const purchase = await aPurchase();
    await purchase.finish();
    const dying = mortal(bay.deps, dieAt);
    const wish = { sessionId: purchase.id, key: anId(), amount: 4_000n, reason: 'a broken cable', operatorId: anId() };
    await refundPurchase(dying.deps, wish).catch(() => {});
    bay.pass(31);
    await askAgain(bay.deps);
    // Whoever was not answered sends it again.
    await refundPurchase(bay.deps, wish);
    expect([dieAt, purchase.balance(), await purchase.refunded()]).toEqual([dieAt, 83_000n, 4_000n]);
    if (!dying.isDead()) {
      expect(dieAt).toBeGreaterThan(10);
      return;
    }
  }
});
