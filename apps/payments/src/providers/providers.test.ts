import { loadConfig } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProvider, providerConfig } from './providers.ts';

let runtime: TestRuntime;
beforeAll(async () => {
  runtime = await createTestRuntime('payments', { nats: false });
});
afterAll(() => runtime.close());

const refuse = (explanation: string): never => {
  throw new Error(explanation);
};
const provider = (env: Record<string, string>) =>
  createProvider({ ...loadConfig(providerConfig, env, refuse), NODE_ENV: 'production', CURRENCY: 'MNT' }, runtime);

test('the one that is named takes the money', async () => {
  const qpay = provider({
    PAYMENT_PROVIDER: 'qpay',
    QPAY_URL: 'https://merchant-sandbox.qpay.mn/v2',
    QPAY_USERNAME: 'u',
    QPAY_PASSWORD: 'p',
    QPAY_INVOICE_CODE: 'i',
  });
  expect(qpay.name).toBe('qpay');
  await qpay.close();
  expect(provider({ PAYMENT_PROVIDER: 'manual', MANUAL_PAYMENT_URL: 'https://x/{ref}' }).name).toBe('manual');
});

test.each([
  [
    { PAYMENT_PROVIDER: 'qpay' },
    'PAYMENT_PROVIDER=qpay needs QPAY_URL, QPAY_USERNAME, QPAY_PASSWORD, QPAY_INVOICE_CODE',
  ],
  [{ PAYMENT_PROVIDER: 'manual' }, 'PAYMENT_PROVIDER=manual needs MANUAL_PAYMENT_URL'],
  [{ PAYMENT_PROVIDER: 'manual', MANUAL_PAYMENT_URL: 'https://x/' }, 'has no {ref}'],
  [{ PAYMENT_PROVIDER: 'manual', MANUAL_PAYMENT_URL: 'javascript:{ref}' }, 'is no address'],
  [{ PAYMENT_PROVIDER: 'stripe' }, 'PAYMENT_PROVIDER'],
])('with %j the process does not start', (env: Record<string, string>, explanation) => {
  expect(() => provider(env)).toThrow(explanation);
});

test('without one nobody is asked to pay, and nothing is said to be paid', async () => {
  const none = provider({});
  const signal = AbortSignal.timeout(1_000);
  const wish = {
    number: 'n',
    amount: 1n,
    currency: 'MNT',
    description: '',
    payer: '',
    callbackUrl: '',
    expiresAt: new Date(),
  };
  expect(await none.makeInvoice(wish, signal)).toMatchObject({ outcome: 'refused', passing: false });
  await expect(none.findPayments('x', signal)).rejects.toMatchObject({ code: 'provider_unavailable', inDoubt: false });
  expect(none.paymentIdIn({ qpay_payment_id: '1' })).toBeNull();
});
