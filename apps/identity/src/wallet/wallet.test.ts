import { walletChanged } from '@forecourt/contracts';
import { dispatchMany, type SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import { aMessage, deliver, until } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessOf, aDriver, aDriversPhone, type Driver, e164, meAgain } from '../../test/drivers.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { waitingForLocks } from '../../test/locks.ts';
import { draftCustomer } from '../customer/service.ts';
import { insertCustomer } from '../customer/store.ts';
import { emptyCustomer } from '../erasure/store.ts';
import { keepWalletOnWalletChanged } from './consumers.ts';
import { balanceOf } from './service.ts';
import { forgetWallet } from './store.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(() => {
  identity.walletOf = () => null;
});

const transact = <T>(work: (tx: SqlTx) => Promise<T>) => identity.deps.database.transaction(work);
const told = (customerId: string, version: number, available: bigint, payload?: string) =>
  aMessage(
    walletChanged,
    { customerId, version, currency: 'UAH', balance: available + 5n, available, changedAt: identity.deps.clock() },
    payload === undefined ? {} : { payload },
  );
const hear = (message: ReturnType<typeof told>) => deliver(keepWalletOnWalletChanged, message, { transact });
const shown = ({ id }: Pick<Driver, 'id'>) => balanceOf(identity.deps, id);

test('the balance is what payments answers', async () => {
  const driver = await aDriver(identity);
  await hear(told(driver.id, 1, 500n));
  identity.walletOf = () => 1250n;
  expect(await shown(driver)).toBe(1250n);
});

describe('while payments does not answer', () => {
  test('it is what payments last told, and nothing for somebody of whom it never did', async () => {
    const driver = await aDriver(identity);
    expect(await shown(driver)).toBe(0n);
    expect(await hear(told(driver.id, 1, 500n))).toBe('applied');
    expect(await shown(driver)).toBe(500n);
    expect((await meAgain(identity, driver)).body.profile.balance).toBe(5);
  });

  test('an event that comes twice, or late, changes nothing', async () => {
    const driver = await aDriver(identity);
    const second = told(driver.id, 2, 700n);
    await hear(second);
    for (const message of [second, told(driver.id, 1, 900n), told(driver.id, 2, 800n)]) {
      await hear(message);
      expect(await shown(driver)).toBe(700n);
    }
  });

  test('of several that are told together the newest counts', async () => {
    const [one, other] = [await aDriver(identity), await aDriver(identity)];
    const messages = [told(one.id, 3, 30n), told(other.id, 1, 1n), told(one.id, 2, 20n), told(one.id, 1, 10n)];
    const outcomes = await dispatchMany(keepWalletOnWalletChanged, messages, { transact });
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('applied'));
    expect([await shown(one), await shown(other)]).toEqual([30n, 1n]);
  });

  test('two processes that hear the same in another order get done', async () => {
    const drivers = Array.from({ length: 200 }, () =>
      draftCustomer({ phone: e164(aDriversPhone()), language: 'mn' }, identity.deps.clock()),
    );
    for (const driver of drivers) await insertCustomer(identity.deps.db, driver);
    for (let round = 1; round <= 10; round += 1) {
      const messages = drivers.map(({ id }) => told(id, round, BigInt(round)));
      const outcomes = await Promise.all([
        dispatchMany(keepWalletOnWalletChanged, messages, { transact }),
        dispatchMany(keepWalletOnWalletChanged, [...messages].reverse(), { transact }),
      ]);
      expect(outcomes.flat().filter(({ kind }) => kind === 'retry')).toEqual([]);
    }
    expect(await Promise.all(drivers.map(shown))).toEqual(Array(200).fill(10n));
  });
});

test.each(['', '{', '{"customerId":7}', 'null'])('what nobody can read (%j) is a dead letter', async (payload) => {
  expect(await hear(told(newObjectId(new Date()), 1, 1n, payload))).toBe('dead');
});

test('of somebody whom nobody knows, or who was erased, nothing is kept', async () => {
  const driver = await aDriver(identity);
  const stranger = newObjectId(new Date());
  await hear(told(driver.id, 1, 500n));
  const token = await accessOf(identity, driver.token);
  expect((await identity.call('DELETE', '/me', { token, body: {} })).status).toBe(204);
  expect(await hear(told(driver.id, 2, 0n))).toBe('applied');
  expect(await hear(told(stranger, 1, 1n))).toBe('applied');
  const kept = await identity.deps.db.walletCopy.findMany({ where: { customerId: { in: [driver.id, stranger] } } });
  expect(kept).toEqual([]);
});

test('news of the wallet that come while somebody is erased wait for it, and leave nothing', async () => {
  const { id: customerId } = await aDriver(identity);
  let hearing: Promise<unknown> | undefined;
  await identity.deps.db.$transaction(async (tx) => {
    await emptyCustomer(tx, { customerId, version: 9, now: identity.deps.clock() });
    hearing = hear(told(customerId, 1, 1n));
    await until(async () => (await waitingForLocks(identity.deps.database)) > 0);
    await forgetWallet(tx, customerId);
  });
  expect(await hearing).toBe('applied');
  expect(await identity.deps.db.walletCopy.count({ where: { customerId } })).toBe(0);
});
