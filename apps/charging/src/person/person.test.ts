import { customerErased, exportChargingOfCustomer, readRunningSession } from '@forecourt/contracts';
import { ask } from '@forecourt/messaging';
import { aMessage, createTestNats, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../test/bay.ts';
import { aCard, anId } from '../../test/builders.ts';
import { saveFeedback } from '../feedback/store.ts';
import { refundPurchase } from '../refund/service.ts';
import { endReservations, reserve } from '../reservation/service.ts';
import { startSession } from '../session/driving.ts';
import { forgetOnCustomerErased } from './consumers.ts';
import { answerPersons } from './requests.ts';
import { exportPage, readRunning } from './service.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());

const erased = (customerId: string) =>
  aMessage(customerErased, { customerId, version: 7, erasedAt: bay.runtime.clock() });
const forget = (message: ReturnType<typeof erased>) =>
  deliver(forgetOnCustomerErased, message, { transact: bay.deps.database.transaction });

/** Who charged 300 Wh, said something about it, had some of it given back, and has a card. */
async function aCustomer() {
  const scene = await bay.scene({ funds: 500_000n });
  const station = stationOf(bay, scene);
  const session = await startSession(bay.deps, scene);
  await station.begin({ idToken: session.idToken });
  await station.end(String(session.number), 1_300n, { reason: 'EVDisconnected' });
  await bay.settle();
  const at = bay.runtime.clock();
  const { customerId } = scene;
  await saveFeedback(bay.deps.database, { sessionId: session.id, customerId, score: 4, description: 'я Олена', at });
  const refund = { sessionId: session.id, key: 'refund-1', amount: 1_000n, reason: 'дзвонила Олена' };
  await refundPurchase(bay.deps, { ...refund, operatorId: anId() });
  const card = await aCard(bay.deps.database, { customerId });
  return { ...scene, station, session, card };
}

describe('a customer who is erased', () => {
  test('leaves what they bought, and nothing that was written by them or about them', async () => {
    const [customer, other] = [await aCustomer(), await aCustomer()];
    expect(await forget(erased(customer.customerId))).toBe('applied');
    const { card, feedback, sessionRefund } = bay.deps.prisma;
    expect(await card.count({ where: { customerId: customer.customerId } })).toBe(0);
    expect(await card.count({ where: { customerId: other.customerId } })).toBe(1);
    const of = (sessionId: string) => ({ where: { sessionId } });
    expect(await feedback.findFirst(of(customer.session.id))).toMatchObject({ score: 4, description: '' });
    expect(await feedback.findFirst(of(other.session.id))).toMatchObject({ description: 'я Олена' });
    expect(await sessionRefund.findMany(of(customer.session.id))).toMatchObject([{ reason: '', amount: 1_000n }]);
    expect(await bay.session(customer.session.id)).toMatchObject({ state: 'finished', amount: 21_000n, paid: 21_000n });
  });

  test('charges no longer, and pays what they charged', async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    const session = await startSession(bay.deps, scene);
    await station.begin({ idToken: session.idToken });
    await forget(erased(scene.customerId));
    await bay.settle();
    expect(bay.asked.at(-1)?.wish).toEqual({ action: 'remoteStop', transactionId: String(session.number) });
    await station.end(String(session.number), 1_100n, { reason: 'Remote' });
    await station.say('Available');
    await bay.settle();
    expect(await bay.session(session.id)).toMatchObject({ state: 'finished', amount: 7_000n, paid: 7_000n });
    expect(bay.wallets.held(scene.customerId)).toBe(0n);
  });

  test('keeps no device for themselves', async () => {
    const scene = await bay.scene();
    await reserve(bay.deps, scene);
    await forget(erased(scene.customerId));
    await endReservations(bay.deps);
    expect(await bay.deps.prisma.reservation.findFirst({ where: { customerId: scene.customerId } })).toMatchObject({
      status: 'expired',
    });
    expect(await bay.deps.prisma.device.findUnique({ where: { id: scene.deviceId } })).toMatchObject({ state: 'Idle' });
  });

  test('leaves no number of their card behind', async () => {
    const scene = await bay.scene();
    const { token } = await aCard(bay.deps.database, scene);
    const station = stationOf(bay, scene);
    const { number, sessionId } = await station.begin({ idToken: token });
    await station.end(String(number), 1_100n, { reason: 'EVDisconnected' });
    await bay.settle();
    expect((await bay.session(sessionId as string)).idToken).toBe(token);
    await forget(erased(scene.customerId));
    expect((await bay.session(sessionId as string)).idToken).toBeNull();
  });

  test('leaves no number of their card behind by what they charge now, which ends all the same', async () => {
    const scene = await bay.scene();
    const { token } = await aCard(bay.deps.database, { customerId: scene.customerId });
    const station = stationOf(bay, scene);
    const ago = (seconds: number) => new Date(bay.runtime.clock().getTime() - seconds * 1_000);
    const { number, sessionId } = await station.begin({ idToken: token, at: ago(600), late: true });
    await forget(erased(scene.customerId));
    expect((await bay.session(sessionId as string)).idToken).toBeNull();
    await bay.settle();
    expect(bay.asked.at(-1)?.wish).toEqual({ action: 'remoteStop', transactionId: String(number) });
    await station.end(String(number), 1_100n, { reason: 'EVDisconnected', idToken: token });
    await bay.settle();
    expect(await bay.session(sessionId as string)).toMatchObject({
      state: 'finished',
      amount: 7_000n,
      paid: 7_000n,
      idToken: null,
    });
  });

  test('is forgotten once, however often it is told', async () => {
    const { customerId } = await bay.scene();
    const message = erased(customerId);
    expect(await forget(message)).toBe('applied');
    expect(await forget(message)).toBe('duplicate');
    expect(await forget(erased(customerId))).toBe('applied');
  });

  test('what nobody can read is a dead letter', async () => {
    const erasure = { customerId: anId(), version: 1, erasedAt: new Date() };
    expect(await forget(aMessage(customerErased, erasure, { payload: '{"customerId":7}' }))).toBe('dead');
  });
});

test('all that is kept about a customer comes in the units that people count in, page by page', async () => {
  const { customerId, session, card } = await aCustomer();
  const records: Record<string, unknown>[] = [];
  for (let after: string | null = null, n = 0; n < 10; n += 1) {
    const page = await exportPage(bay.deps, { customerId, after });
    records.push(...page.records);
    after = page.next;
    if (after === null) break;
  }
  expect(records).toMatchObject([
    {
      what: 'session',
      state: 'finished',
      energyWh: 300,
      price: 700,
      amount: 210,
      refunded: 10,
      score: 4,
      feedback: 'я Олена',
      startedBy: session.idToken,
    },
    { what: 'refund', currency: 'UAH', amount: 10, reason: 'дзвонила Олена', status: 'done' },
    { what: 'card', token: card.token },
  ]);
  await expect(exportPage(bay.deps, { customerId, after: 'session 1; DROP' })).rejects.toMatchObject({
    code: 'validation_failed',
  });
});

test('whose session runs is told where, and for what price it began', async () => {
  const scene = await bay.scene();
  expect(await readRunning(bay.deps, scene.customerId)).toEqual({ device: null });
  await startSession(bay.deps, scene);
  await bay.deps.database.$executeRaw`UPDATE device SET price = 1 WHERE id = ${scene.deviceId}`;
  const nats = await createTestNats();
  const answering = answerPersons(bay.deps, nats);
  const options = { timeoutMs: 5_000 };
  expect(await ask(nats, readRunningSession, { customerId: scene.customerId }, options)).toMatchObject({
    device: {
      deviceId: scene.deviceId,
      location: [106.9, 47.9],
      currency: 'UAH',
      price: 70_000n,
      waitingPrice: 10_000n,
    },
  });
  const page = await ask(nats, exportChargingOfCustomer, { customerId: scene.customerId, after: null }, options);
  expect(page.records).toMatchObject([{ what: 'session', state: 'starting' }]);
  for (const one of answering) await one.close();
  await nats.close();
});
