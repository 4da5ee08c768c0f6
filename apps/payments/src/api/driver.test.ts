import { replenishmentSettled, walletChanged } from '@forecourt/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { createTestProvider, type TestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';
import { workOff } from '../replenishment/worker.ts';
import { verify } from '../verification/service.ts';

let provider: TestProvider;
let till: Till;
let driver: Record<string, string>;
let customerId: string;
const patience = {
  answerMs: 400,
  attemptMs: 100,
  betweenAttemptsMs: 1,
  callMs: 5_000,
  checkMs: 5_000,
  leaseMs: 60_000,
};

beforeEach(async () => {
  provider = createTestProvider();
  till = await openTill({ deps: { provider, patience }, env: { REPLENISH_LEAST: '10', REPLENISH_MOST: '50000' } });
  customerId = anId();
  driver = await till.asCustomer(customerId);
});
afterEach(() => till.close());

const replenish = (amount: unknown) => till.post('/api/customer/replenish', { amount }, driver);
const check = (invoiceId: string, as = driver) => till.post(`/api/customer/replenishment/${invoiceId}`, undefined, as);
const anInvoice = async (amount = 10069) => {
  const { status, body } = await replenish(amount);
  expect(status, JSON.stringify(body)).toBe(200);
  return { id: body.invoice_id as string, ref: provider.invoices.at(-1)?.ref ?? '' };
};
const pass = (seconds: number) => till.runtime.clock.advance(seconds * 1000);

test('a driver gets an invoice, pays it, and has the money', async () => {
  const { status, body } = await replenish(10069);
  expect(status).toBe(200);
  expect(body).toEqual({
    invoice_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    url: provider.invoices[0] && `https://pay.example.com/${provider.invoices[0].ref}`,
  });
  expect(provider.invoices).toMatchObject([
    { wish: { number: body.invoice_id, amount: 1_006_900n, payer: customerId } },
  ]);

  const ask = () => check(body.invoice_id);
  expect(await ask()).toMatchObject({ status: 200, body: { replenishment: { status: 'pending', amount: 10069 } } });
  provider.pay(provider.invoices[0]?.ref ?? '');
  pass(10);
  expect(await ask()).toMatchObject({ status: 200, body: { replenishment: { status: 'success', amount: 10069 } } });
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 1_006_900n, available: 1_006_900n });
  expect(await till.told(replenishmentSettled.subject)).toMatchObject([
    { invoiceId: body.invoice_id, customerId, status: 'success', amount: 1_006_900 },
  ]);
  expect(await till.told(walletChanged.subject)).toMatchObject([{ customerId, balance: 1_006_900 }]);
});

test('what the provider keeps of a payment is our cost and not the driver’s', async () => {
  const { id, ref } = await anInvoice(100);
  provider.pay(ref, { fee: 150n });
  pass(10);
  expect((await check(id)).body).toEqual({ replenishment: { status: 'success', amount: 100 } });
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 10_000n });

  const operator = await till.asOperator();
  const { body } = await till.get('/admin/ledger/accounts', operator);
  expect(body.items).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: 'clearing:test:UAH', balance: -98.5 }),
      expect.objectContaining({ id: 'fees::UAH', balance: -1.5 }),
    ]),
  );
  expect((await verify(till.deps)).differences).toEqual([]);
});

test('nobody has an invoice without signing in', async () => {
  const strangers = [
    await till.post('/api/customer/replenish', { amount: 100 }),
    await till.post(`/api/customer/replenishment/${(await anInvoice()).id}`),
  ];
  expect(strangers.map(({ status, body }) => [status, body.error.code])).toEqual(
    Array(2).fill([401, 'unauthenticated']),
  );
});

test('no cache on the way keeps where somebody pays, what became of it, or a refusal', async () => {
  const answers = [await replenish(100), await replenish(0), await check((await anInvoice()).id)];
  expect(answers.map(({ status, headers }) => [status, headers['cache-control']])).toEqual(
    [200, 400, 200].map((status) => [status, 'no-store']),
  );
});

test('of an invoice of somebody else it is not even said that it exists', async () => {
  const { id } = await anInvoice();
  const other = await check(id, await till.asCustomer(anId()));
  const none = await check('e887c58b-7df2-4fe1-960c-6ab09b121488');
  expect(other).toMatchObject({ status: 404, body: { error: { code: 'invoice_not_found' } } });
  expect(other.body).toEqual(none.body);
  expect(provider.calls).toEqual(['make']);
});

test.each(['x', '1', '%00', 'e887c58b7df24fe1960c6ab09b121488', `e887c58b-7df2-4fe1-960c-6ab09b121488'--`])(
  '%s is no invoice',
  async (id) => expect((await check(id)).status).toBe(400),
);

describe('checking by hand', () => {
  test('asks the provider at most once in ten seconds, however often and wherever', async () => {
    const { id } = await anInvoice();
    const second = await till.secondProcess();
    const finds = () => provider.calls.filter((call) => call === 'find').length;
    const everywhere = () =>
      Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          (n % 2 ? second : till).post(`/api/customer/replenishment/${id}`, undefined, driver),
        ),
      );
    await everywhere();
    expect(finds()).toBe(1);
    pass(9.999);
    await everywhere();
    expect(finds()).toBe(1);
    pass(0.001);
    const answers = await everywhere();
    expect(finds()).toBe(2);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test.each(['away', 'cut', 'lost', 'broken'] as const)(
    'says what is known when the provider is %s',
    async (mishap) => {
      const { id, ref } = await anInvoice();
      provider.pay(ref);
      provider.misbehave = () => mishap;
      expect(await check(id)).toMatchObject({ status: 200, body: { replenishment: { status: 'pending' } } });
      provider.misbehave = () => undefined;
      pass(10);
      expect(await check(id)).toMatchObject({ body: { replenishment: { status: 'success' } } });
    },
  );

  test('is answered in time when the provider is not, and what it then finds is not lost', async () => {
    const { id, ref } = await anInvoice();
    provider.pay(ref);
    const answer = Promise.withResolvers<undefined>();
    provider.misbehave = () => answer.promise;
    expect(await check(id)).toMatchObject({ status: 200, body: { replenishment: { status: 'pending' } } });
    answer.resolve(undefined);
    await till.deps.errands.close();
    expect(await till.walletOf(customerId)).toMatchObject({ balance: 1_006_900n });
  });

  test('of what has ended asks nobody', async () => {
    const { id, ref } = await anInvoice();
    provider.pay(ref);
    await check(id);
    pass(60);
    const before = provider.calls.length;
    expect(await check(id)).toMatchObject({ body: { replenishment: { status: 'success', amount: 10069 } } });
    expect(provider.calls).toHaveLength(before);
  });

  test('shows what was canceled at the provider', async () => {
    const { id, ref } = await anInvoice();
    provider.invoice(ref).state = 'canceled';
    expect(await check(id)).toMatchObject({ body: { replenishment: { status: 'canceled', amount: 10069 } } });
    expect(await till.told(replenishmentSettled.subject)).toMatchObject([{ status: 'canceled', amount: 0 }]);
  });

  test('shows as an error what nobody paid in time, and it cannot be paid any more', async () => {
    const { id, ref } = await anInvoice();
    pass(3_600);
    await workOff(till.deps);
    driver = await till.asCustomer(customerId);
    expect(await check(id)).toMatchObject({ body: { replenishment: { status: 'error', amount: 10069 } } });
    expect(provider.invoice(ref).state).toBe('canceled');
  });
});

describe('a provider that makes no invoice', () => {
  test.each(['away', 'cut', 'lost', 'hopeless', 'broken'] as const)(
    '(%s) is a 503, and there is none',
    async (mishap) => {
      provider.misbehave = (call) => (call === 'make' ? mishap : undefined);
      const { status, body } = await replenish(100);
      expect([status, body.error.code]).toEqual([503, 'provider_unavailable']);
      expect(provider.calls).toHaveLength(mishap === 'hopeless' ? 1 : 3);
      const invoices = await till.deps.prisma.invoice.findMany();
      expect(invoices).toMatchObject([{ status: 'error', url: null, takenUntil: null }]);
      expect(await till.told(replenishmentSettled.subject)).toEqual([]);
    },
  );

  test('at the first call makes one at the second, under another number', async () => {
    provider.misbehave = () => (provider.calls.length === 1 ? 'away' : undefined);
    const { status, body } = await replenish(100);
    expect(status).toBe(200);
    expect(provider.invoices).toMatchObject([{ wish: { number: `${body.invoice_id}-2` } }]);
  });
});

test('who lets too many invoices wait gets no more until one has ended', async () => {
  const most = till.deps.limits.mostOpen;
  const { id, ref } = await anInvoice();
  for (let n = 1; n < most; n += 1) await anInvoice();
  const { status, body, headers } = await replenish(100);
  expect([status, body.error.code]).toEqual([429, 'too_many_requests']);
  expect(headers['retry-after']).toBeDefined();
  provider.pay(ref);
  await check(id);
  expect((await replenish(100)).status).toBe(200);
});
