import { customerErased, exportPaymentsOfCustomer } from '@forecourt/contracts';
import { ask } from '@forecourt/messaging';
import { aMessage, createTestNats, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';
import { captureHold, placeHold } from '../hold/service.ts';
import { refundTransfer } from '../ledger/refund.ts';
import { chargeWallet } from '../wallet/service.ts';
import { forgetOnCustomerErased } from './consumers.ts';
import { answerExports } from './requests.ts';
import { exportPage, forgetAgain } from './service.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

const erased = (customerId: string) =>
  aMessage(customerErased, { customerId, version: 7, erasedAt: till.runtime.clock() });
const forget = (message: ReturnType<typeof erased>) =>
  deliver(forgetOnCustomerErased, message, { transact: till.runtime.database.transaction });
const reasonsOf = async (customerId: string) => {
  const rows = await till.runtime.database.$queryRaw<{ reason: string | null }[]>`
    SELECT reason FROM transfer JOIN posting ON transfer_id = transfer.id JOIN account ON account.id = account_id
    WHERE account.kind = 'wallet' AND owner = ${customerId}`;
  return rows.flatMap(({ reason }) => reason ?? []);
};

/** A customer with a charge that was given back in part, with an operator's words. */
async function aCustomer() {
  const customerId = anId();
  await till.fund(customerId, 1000n);
  const key = anId();
  await chargeWallet(till.deps, { key, customerId, amount: 300n, revenue: 'goods', reference: 'order 1' });
  await refundTransfer(till.deps, { key: anId(), of: { key }, amount: 100n, reason: 'Олена дзвонила двічі' });
  return customerId;
}

describe('a customer who is erased', () => {
  test('leaves what moved, and nothing that was written about them', async () => {
    const [customerId, other] = [await aCustomer(), await aCustomer()];
    const account = `wallet:${customerId}:UAH`;
    await till.deps.prisma.adjustment.create({
      data: {
        id: anId(),
        key: anId(),
        accountId: account,
        amount: 5n,
        reason: 'вибачення для Олени',
        status: 'proposed',
        proposedBy: anId(),
        proposedAt: till.runtime.clock(),
      },
    });
    expect(await forget(erased(customerId))).toBe('applied');
    expect(await reasonsOf(customerId)).toEqual([]);
    expect(await reasonsOf(other)).toHaveLength(1);
    expect(await till.deps.prisma.adjustment.findMany({ where: { accountId: account } })).toMatchObject([
      { reason: '', amount: 5n },
    ]);
    expect(await till.walletOf(customerId)).toEqual({ balance: 800n, available: 800n });
    const where = { owner: { in: [customerId, other] } };
    expect(await till.deps.prisma.account.findMany({ where, orderBy: { owner: 'asc' } })).toMatchObject([
      { owner: customerId, erasedAt: till.runtime.clock() },
      { owner: other, erasedAt: null },
    ]);
  });

  test('is forgotten once, however often it is told', async () => {
    const customerId = await aCustomer();
    const message = erased(customerId);
    expect(await forget(message)).toBe('applied');
    expect(await forget(message)).toBe('duplicate');
    const first = till.runtime.clock();
    till.runtime.clock.advance(1000);
    expect(await forget(erased(customerId))).toBe('applied');
    expect(await till.deps.prisma.account.findMany({ where: { owner: customerId } })).toMatchObject([
      { erasedAt: first },
    ]);
  });

  test('what nobody can read is a dead letter', async () => {
    const erasure = { customerId: anId(), version: 1, erasedAt: new Date() };
    expect(await forget(aMessage(customerErased, erasure, { payload: '{"customerId":7}' }))).toBe('dead');
  });

  test('about whom somebody wrote in that very moment is forgotten by the next round', async () => {
    const customerId = await aCustomer();
    await forget(erased(customerId));
    const key = anId();
    await chargeWallet(till.deps, { key, customerId, amount: 1n, revenue: 'goods', reference: 'order 2' });
    await refundTransfer(till.deps, { key: anId(), of: { key }, amount: 1n, reason: 'знову Олена' });
    expect(await reasonsOf(customerId)).toHaveLength(1);
    await forgetAgain(till.deps);
    expect(await reasonsOf(customerId)).toEqual([]);
  });
});

describe('all that is kept about a customer', () => {
  const pages = async (customerId: string) => {
    const records: Record<string, unknown>[] = [];
    for (let after: string | null = null; ; ) {
      const page = await exportPage(till.deps, { customerId, after });
      records.push(...page.records);
      if (page.next === null) return records;
      after = page.next;
    }
  };

  test('is told in the units that people count in: wallet, transfers, holds, invoices', async () => {
    const customerId = await aCustomer();
    const expiresAt = new Date(till.runtime.clock().getTime() + 60_000);
    const key = anId();
    await placeHold(till.deps, { key, customerId, amount: 50n, atLeast: 50n, reference: 'session', expiresAt });
    await captureHold(till.deps, { key, amount: 20n, revenue: 'charging' });
    await till.fund(anId(), 1n);
    expect(await pages(customerId)).toMatchObject([
      { what: 'wallet', currency: 'UAH', balance: 7.8, available: 7.8 },
      { what: 'transfer', kind: 'replenishment', amount: 10, balance: 10 },
      { what: 'transfer', kind: 'charge', amount: -3, balance: 7, reference: 'order 1' },
      { what: 'transfer', kind: 'refund', amount: 1, balance: 8, reason: 'Олена дзвонила двічі' },
      { what: 'transfer', kind: 'capture', amount: -0.2, balance: 7.8 },
      { what: 'hold', status: 'captured', amount: 0.5, captured: 0.2, reference: 'session' },
    ]);
    expect(await pages(anId())).toEqual([]);
  });

  test('comes page by page, each transfer once, in its order', async () => {
    const customerId = anId();
    await till.fund(customerId, 100_000n);
    await Promise.all(
      Array.from({ length: 1_100 }, () =>
        chargeWallet(till.deps, { key: anId(), customerId, amount: 1n, revenue: 'goods', reference: 'thing' }),
      ),
    );
    const transfers = (await pages(customerId)).filter(({ what }) => what === 'transfer');
    expect(transfers.map(({ balance }) => balance)).toEqual(
      Array.from({ length: 1_101 }, (_, n) => (100_000 - n) / 100),
    );
  });

  test('is asked for over NATS; a page that ends nowhere is refused', async () => {
    const nats = await createTestNats();
    const answering = answerExports(till.deps, nats);
    const customerId = await aCustomer();
    const options = { timeoutMs: 2_000 };
    const page = await ask(nats, exportPaymentsOfCustomer, { customerId, after: null }, options);
    expect(page.records).toHaveLength(4);
    for (const after of ['nowhere', 'transfer 1; DROP', 'hold 12', 'invoice x']) {
      const asking = ask(nats, exportPaymentsOfCustomer, { customerId, after }, options);
      await expect(asking).rejects.toMatchObject({ code: 'validation_failed' });
    }
    await answering.close();
    await nats.close();
  });
});
