import { deathsAmong } from '@forecourt/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { hurry, mistakes, settledOf, workOffAll } from '../../test/invoices.ts';
import { mortal } from '../../test/mortal.ts';
import { createTestProvider, type TestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';
import type { Deps } from '../deps.ts';
import { compareDays } from './comparing.ts';
import { checkByHand, replenish, takeHint } from './service.ts';
import { workOff } from './worker.ts';

let provider: TestProvider;
let till: Till;
const amount = 1000n;
const day = 24 * 3_600_000;

beforeEach(async () => {
  till = await openTill({ deps: { patience: { ...hurry, answerMs: 60, attemptMs: 15 } } });
  provider = createTestProvider(till.runtime.clock);
  Object.assign(till.deps, { provider });
});
afterEach(() => till.close());

interface Scene {
  readonly customerId: string;
  readonly process: Deps;
}

const pass = (milliseconds: number) => till.runtime.clock.advance(milliseconds);
const opened = ({ process, customerId }: Scene) => replenish(process, { customerId, amount });
const hint = (process: Deps, number: string, paymentId: string | null = null) =>
  takeHint(process, { number, paymentId });

/** What one process does from beginning to end, when nobody kills it. */
const stories: Record<string, (scene: Scene) => Promise<unknown>> = {
  'paid, and called back for': async (scene) => {
    const { id, providerRef } = await opened(scene);
    const paymentId = provider.pay(providerRef);
    await hint(scene.process, id, paymentId);
    await workOff(scene.process);
  },
  'paid, and found by hand': async (scene) => {
    const { id, providerRef } = await opened(scene);
    provider.pay(providerRef);
    await checkByHand(scene.process, { customerId: scene.customerId, invoiceId: id });
  },
  'paid in two parts': async (scene) => {
    const { id, providerRef } = await opened(scene);
    for (const part of [400n, 600n]) {
      provider.pay(providerRef, { amount: part });
      await hint(scene.process, id);
      pass(3_000);
      await workOff(scene.process);
    }
  },
  'not paid until it expires': async (scene) => {
    const { expiresAt } = await opened(scene);
    till.runtime.clock.set(expiresAt);
    await workOff(scene.process);
  },
  'paid in the moment in which it expires': async (scene) => {
    const { expiresAt, providerRef } = await opened(scene);
    provider.misbehave = (call) => {
      if (call === 'cancel' && provider.invoice(providerRef).payments.length === 0) provider.pay(providerRef);
      return undefined;
    };
    till.runtime.clock.set(expiresAt);
    await workOff(scene.process);
  },
  'made by the second attempt, while the first one is late': async (scene) => {
    const late = Promise.withResolvers<undefined>();
    const earlier = provider.calls.length;
    provider.misbehave = () => (provider.calls.length === earlier + 1 ? late.promise : undefined);
    await opened(scene).finally(() => late.resolve(undefined));
    await scene.process.errands.close();
    await workOff(scene.process);
  },
  'made, and the answer lost': async (scene) => {
    provider.misbehave = (call) => (call === 'make' ? 'lost' : undefined);
    await opened(scene);
  },
  'made too late for who waited': async (scene) => {
    const late = Promise.withResolvers<undefined>();
    provider.misbehave = (call) => (call === 'make' ? late.promise : undefined);
    await opened(scene).finally(() => late.resolve(undefined));
  },
  'told of by nobody but the list of the day': async (scene) => {
    // By the first attempt: what a second one leaves behind is for a person after a day.
    const patience = { ...scene.process.patience, answerMs: 20_000, attemptMs: 20_000 };
    const { providerRef } = await opened({ ...scene, process: { ...scene.process, patience } });
    provider.pay(providerRef);
    await scene.process.database.$executeRaw`UPDATE invoice SET due_at = NULL`;
    pass(2 * day);
    await compareDays(scene.process);
  },
};

/** A process lives until a point, and what it leaves behind is another one's. */
async function play(story: (scene: Scene) => Promise<unknown>, { dieAt, payAll }: { dieAt?: number; payAll: boolean }) {
  const customerId = anId();
  const process = mortal(till.deps, dieAt);
  const earlier = provider.invoices.length;
  provider.misbehave = () => undefined;
  await story({ customerId, process: process.deps }).catch(() => {});
  await till.deps.errands.close();
  provider.misbehave = () => undefined;

  const made = provider.invoices.slice(earlier);
  const unpaid = made.filter(({ state, payments }) => state === 'open' && payments.length === 0);
  if (payAll) for (const { ref } of unpaid) provider.pay(ref);
  for (const { payments, wish } of made) {
    for (const { paymentId } of payments) await hint(till.deps, wish.number, paymentId);
  }
  await workOffAll(till);
  pass(2 * day);
  await compareDays(till.deps);
  await workOffAll(till);
  const payments = made.flatMap(({ payments: parts }) => parts);
  return { ...process, customerId, payments, couldBePaid: unpaid.length > 0 };
}

/** All that is wrong after a process died at one point: with nobody who pays afterwards, then with all who can. */
async function damage(story: (scene: Scene) => Promise<unknown>, dieAt: number): Promise<string[]> {
  const end = await play(story, { dieAt, payAll: false });
  const wrong = await wrongAfter(end);
  if (end.couldBePaid) wrong.push(...(await wrongAfter(await play(story, { dieAt, payAll: true }))));
  return wrong.map((what) => `${dieAt}, ${end.points.at(-1)}${end.isDead() ? '' : ' (survived)'}: ${what}`);
}

async function wrongAfter({ customerId, payments }: Awaited<ReturnType<typeof play>>): Promise<string[]> {
  const paid = payments.reduce((total, { amount: part }) => total + part, 0n);
  const { balance } = await till.walletOf(customerId);
  const invoices = await till.deps.prisma.invoice.findMany({ where: { customerId } });
  const told = await Promise.all(
    invoices.map(async ({ id, status, paid: credited }) => {
      const ends = await settledOf(till, id);
      return status === 'success' && ends.at(-1)?.amount !== Number(credited);
    }),
  );
  return [
    ...(await mistakes(till, provider)),
    ...(balance === paid ? [] : [`${balance} in the wallet of ${paid} that was paid`]),
    ...(told.includes(true) ? ['the customer was not told of what was paid'] : []),
  ];
}

describe.each(Object.entries(stories))('an invoice that is %s', (_, story) => {
  test('survives the death of its process at every point, whether or not somebody pays it then', async () => {
    const { points } = await play(story, { payAll: false });
    expect(await mistakes(till, provider)).toEqual([]);
    expect(points.length).toBeGreaterThan(10);
    const wrong: string[] = [];
    // Behind the last point nobody dies.
    for (const dieAt of [...deathsAmong(points), points.length + 1]) wrong.push(...(await damage(story, dieAt)));
    expect(wrong).toEqual([]);
  }, 300_000);
});
