import { loadConfig } from '@forecourt/service-kit';
import { expect, test } from 'vitest';
import { qpayConfig, readQpaySettings } from './settings.ts';

const whole = {
  QPAY_URL: 'https://merchant.qpay.mn/v2',
  QPAY_USERNAME: 'FORECOURT',
  QPAY_PASSWORD: 'canary-of-a-password',
  QPAY_INVOICE_CODE: 'FORECOURT_INVOICE',
};
const refuse = (explanation: string): never => {
  throw new Error(explanation);
};
const read = (env: Record<string, string>, { NODE_ENV = 'production', CURRENCY = 'MNT' } = {}) =>
  readQpaySettings({ ...loadConfig(qpayConfig, env, refuse), NODE_ENV, CURRENCY });

test('whole settings are taken', () => {
  expect(read(whole)).toEqual({
    url: 'https://merchant.qpay.mn/v2',
    username: 'FORECOURT',
    password: 'canary-of-a-password',
    invoiceCode: 'FORECOURT_INVOICE',
    merchantId: 'FORECOURT',
    currency: 'MNT',
  });
  expect(read({ ...whole, QPAY_MERCHANT_ID: 'm1' }).merchantId).toBe('m1');
});

test.each([
  'https://evil.example.com/v2',
  'https://merchant.qpay.mn.example.com/v2',
  'https://merchant.qpay.mn@example.com/v2',
  'http://merchant.qpay.mn/v2',
  'https://merchant.qpay.mn/v1',
  'http://10.0.0.1:3090/v2',
  'http://127.0.0.1:3090@example.com/v2',
  'http://127.0.0.1:3090/v2/../x',
])('the password is not sent to %s', (QPAY_URL) => {
  expect(() => read({ ...whole, QPAY_URL }, { NODE_ENV: 'development' })).toThrow(/QPAY_URL: is none of/);
});

test('this machine is for development', () => {
  const QPAY_URL = 'http://127.0.0.1:3090/v2';
  expect(read({ ...whole, QPAY_URL }, { NODE_ENV: 'development', CURRENCY: 'UAH' }).currency).toBe('UAH');
  expect(() => read({ ...whole, QPAY_URL })).toThrow('QPAY_URL of this machine is for development');
});

test('what is missing is named together, and no secret with it', () => {
  const { QPAY_URL: _url, QPAY_USERNAME: _name, ...rest } = whole;
  expect(() => read(rest)).toThrow('PAYMENT_PROVIDER=qpay needs QPAY_URL, QPAY_USERNAME');
  expect(() => read(rest)).not.toThrow(/canary/);
});

test('customers do not pay tugriks for hryvnias', () => {
  expect(() => read(whole, { CURRENCY: 'UAH' })).toThrow('QPay takes MNT, and CURRENCY is UAH');
});
