import { until } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { hurry, mistakes, settledOf, workOffAll } from '../../test/invoices.ts';
import { createTestProvider, mishaps, type ProviderInvoice, type TestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';
import { checkByHand, replenish } from '../replenishment/service.ts';
import { takeDue } from '../replenishment/store.ts';
import { workOff } from '../replenishment/worker.ts';

let provider: TestProvider;
let till: Till;
let second: Pick<Till, 'deps' | 'app' | 'get' | 'post'>;

beforeAll(async () => {
  provider = createTestProvider();
  till = await openTill({ deps: { provider, patience: hurry } });
  second = await till.secondProcess();
});
afterAll(() => till.close());
beforeEach(() => {
  provider.misbehave = () => undefined;
});

const amount = 1000n;

async function anInvoice(): Promise<{ id: string; customerId: string; made: ProviderInvoice; path: string }> {
  const customerId = anId();
  const { id, providerRef } = await replenish(till.deps, { customerId, amount });
  const made = provider.invoice(providerRef);
  return { id, customerId, made, path: new URL(made.wish.callbackUrl).pathname };
}
const pass = (seconds: number) => till.runtime.clock.advance(seconds * 1000);
const balanceOf = async (customerId: string) => (await till.walletOf(customerId)).balance;
const workOffEverything = () => workOffAll(till, [till.deps, second.deps]);

describe('a callback', () => {
  test.each(['get', 'post'] as const)('by %s makes us ask, and is thanked in plain text', async (method) => {
    const { customerId, made, path } = await anInvoice();
    provider.pay(made.ref);
    const answer = await till[method](`${path}?payment_id=7`);
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      'SUCCESS',
      'text/plain; charset=utf-8',
    ]);
    expect(await balanceOf(customerId)).toBe(0n);
    await workOff(till.deps);
    expect(await balanceOf(customerId)).toBe(amount);
  });

  test.each([
    ['application/json', '{"payment_status":"PAID","amount":1'],
    ['application/x-www-form-urlencoded', 'status=PAID'],
    ['application/xml', '<paid/>'],
    ['', 'paid'],
  ])('may come with any body, which nobody reads (%s)', async (type, body) => {
    const { customerId, path } = await anInvoice();
    const { status } = await till.post(path, body, type ? { 'content-type': type } : {});
    expect(status).toBe(200);
    await workOff(till.deps);
    expect(await balanceOf(customerId)).toBe(0n);
  });

  test('that nobody told the provider of is a 404, and asks nobody', async () => {
    const { path, id } = await anInvoice();
    const { path: other } = await anInvoice();
    const before = provider.calls.length;
    const token = path.split('/').at(-1) ?? '';
    const guesses = [
      path.slice(0, -1),
      `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`,
      other.replace(/[^/]+$/, token),
      path.replace(id, `${id}-2`),
      path.replace(id, 'x'),
      `/payments/callback/${id}/${'A'.repeat(43)}`,
      `/payments/callback/${id}`,
    ];
    for (const guess of guesses) expect([(await till.get(guess)).status, guess]).toEqual([404, guess]);
    pass(5);
    expect(await workOff(till.deps)).toBe(0);
    expect(provider.calls).toHaveLength(before);
  });

  test('that comes again and again makes us ask every other second at most', async () => {
    const { path } = await anInvoice();
    const finds = () => provider.calls.filter((call) => call === 'find').length;
    const before = finds();
    for (let n = 0; n < 50; n += 1) {
      await till.get(path);
      await workOff(till.deps);
      pass(0.1);
    }
    expect(finds() - before).toBe(3);
    await workOffEverything();
  });

  test('while the provider is being asked is not lost', async () => {
    const { customerId, made, path } = await anInvoice();
    const answer = Promise.withResolvers<undefined>();
    await till.get(path);
    provider.misbehave = () => answer.promise.then(() => 'cut' as const);
    const before = provider.calls.length;
    const working = workOff(till.deps);
    await until(() => provider.calls.length > before);
    provider.pay(made.ref);
    await till.get(path);
    provider.misbehave = () => undefined;
    answer.resolve(undefined);
    await working;
    pass(2);
    await workOff(till.deps);
    expect(await balanceOf(customerId)).toBe(amount);
  });

  test.each(['error', 'canceled'] as const)(
    'of a payment after the end (%s) makes it the customer’s, and is told',
    async (end) => {
      const { id, customerId, made, path } = await anInvoice();
      if (end === 'canceled') made.state = 'canceled';
      await workOffEverything();
      expect(await settledOf(till, id)).toMatchObject([{ status: end, amount: 0 }]);
      provider.pay(made.ref);
      await till.get(path);
      await workOffEverything();
      expect(await balanceOf(customerId)).toBe(amount);
      expect(await till.deps.prisma.invoice.findUnique({ where: { id } })).toMatchObject({ flag: 'paid_late' });
      expect((await settledOf(till, id)).slice(1)).toMatchObject([{ status: 'success', amount: Number(amount) }]);
    },
  );

  test('of an invoice whose making is not noted yet is not forgotten', async () => {
    const answer = Promise.withResolvers<undefined>();
    provider.misbehave = (call) => (call === 'make' ? answer.promise : undefined);
    const customerId = anId();
    const replenishing = replenish(till.deps, { customerId, amount });
    let number: string | undefined;
    while (!number) number = (await till.deps.prisma.invoiceAttempt.findFirst({ where: { endedAt: null } }))?.number;
    await till.get(new URL(till.deps.callbacks.urlOf(number)).pathname);
    expect(await workOff(second.deps)).toBe(0);
    answer.resolve(undefined);
    provider.pay((await replenishing).providerRef);
    await workOff(till.deps);
    expect(await balanceOf(customerId)).toBe(amount);
  });

  test('tells of an invoice whose name we never heard, and what was paid on it is not lost', async () => {
    provider.misbehave = (call) => (call === 'make' ? 'lost' : undefined);
    const customerId = anId();
    await expect(replenish(till.deps, { customerId, amount })).rejects.toMatchObject({ code: 'provider_unavailable' });
    provider.misbehave = () => undefined;
    const [paid, ...others] = provider.invoices.filter(({ wish }) => wish.payer === customerId);
    expect(others).toHaveLength(2);
    const paymentId = provider.pay(paid?.ref ?? '');
    const path = new URL(paid?.wish.callbackUrl ?? '').pathname;

    provider.misbehave = () => 'away';
    expect((await till.get(`${path}?payment_id=${paymentId}`)).status).toBe(503);
    provider.misbehave = () => undefined;
    for (const name of ['unknown', paymentId]) {
      expect((await till.get(`${path}?payment_id=${name}`)).text).toBe('SUCCESS');
    }
    await workOff(till.deps);
    expect(await balanceOf(customerId)).toBe(amount);
    const invoice = await till.deps.prisma.invoice.findFirst({ where: { customerId } });
    expect(invoice).toMatchObject({ status: 'success', paid: amount, flag: 'paid_late' });
    expect(await settledOf(till, invoice?.id ?? '')).toHaveLength(1);
  });
});

describe('a process whose clock runs ahead', () => {
  const ahead = () => new Date(till.runtime.clock().getTime() + 5 * 60_000);
  const wrongly = () => ({ ...second.deps, clock: ahead });

  test('keeps no callback from being heard once it has asked about an invoice', async () => {
    const { customerId, made, path } = await anInvoice();
    await till.get(path);
    await workOff(wrongly());
    provider.pay(made.ref);
    await till.get(path);
    pass(2);
    await workOff(till.deps);
    expect(await balanceOf(customerId)).toBe(amount);
  });

  test('keeps no customer from asking by hand', async () => {
    const { id, customerId, made } = await anInvoice();
    await checkByHand(wrongly(), { customerId, invoiceId: id });
    provider.pay(made.ref);
    expect(await checkByHand(till.deps, { customerId, invoiceId: id })).toMatchObject({ status: 'success' });
  });

  test('keeps nothing for itself when it dies with it in hand', async () => {
    const { customerId, made, path } = await anInvoice();
    await till.get(path);
    const now = ahead();
    const lease = new Date(now.getTime() + hurry.leaseMs);
    expect(await takeDue(till.runtime.database, { now, lease, most: 100 })).not.toEqual([]);
    provider.pay(made.ref);
    await till.get(path);
    pass(2);
    await workOff(till.deps);
    expect(await balanceOf(customerId)).toBe(amount);
  });
});

type Happening = 'call' | 'pay' | 'work' | 'check';

/** Every place among so many callbacks at which the customer may pay, with work and checks by hand between. */
function histories(callbacks: number): Happening[][] {
  return Array.from({ length: callbacks + 1 }, (_, place) =>
    Array.from({ length: callbacks + 1 }, (_, at) => (at === place ? 'pay' : 'call')),
  ).flatMap((plain) => [
    plain,
    plain.flatMap((one): Happening[] => [one, 'work']),
    plain.flatMap((one): Happening[] => ['check', one]),
  ]);
}

describe.each([undefined, ...mishaps])('credited exactly once, while the provider is %s now and then', (mishap) => {
  test.each([0, 1, 2, 3, 4, 5])('with %i callbacks, wherever among them it is paid', async (callbacks) => {
    // Each call fails at its place: of three in turn the first, the second, the third.
    for (const [place, history] of histories(callbacks).entries()) {
      provider.misbehave = () => undefined;
      const { id, customerId, made, path } = await anInvoice();
      const before = provider.calls.length;
      provider.misbehave = () => ((provider.calls.length - before) % 3 === place % 3 ? mishap : undefined);
      const headers = await till.asCustomer(customerId);
      for (const [at, happening] of history.entries()) {
        const process = at % 2 ? till : second;
        if (happening === 'pay') provider.pay(made.ref);
        else if (happening === 'work') await workOff(process.deps);
        else if (happening === 'check') await process.post(`/api/customer/replenishment/${id}`, undefined, headers);
        else expect((await process.get(`${path}?payment_id=x`)).status).toBe(200);
        if (at % 2) pass(3);
      }
      await workOffEverything();
      expect([history, await balanceOf(customerId)]).toEqual([history, amount]);
      expect(await settledOf(till, id)).toMatchObject([{ status: 'success', amount: Number(amount) }]);
    }
    expect(await mistakes(till, provider)).toEqual([]);
  });
});
