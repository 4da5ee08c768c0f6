import { describe, expect, test } from 'vitest';
import { CheckedPayment, DatedPayment, MadeInvoice, minorUnits, ReadInvoice } from './answers.ts';

test.each([
  ['10.00', 'MNT', 1_000n],
  ['10', 'MNT', 1_000n],
  ['10.5', 'MNT', 1_050n],
  ['0.01', 'MNT', 1n],
  ['10.000', 'MNT', 1_000n],
  ['10.005', 'MNT', null],
  ['10.00', 'JPY', 10n],
  ['10.50', 'JPY', null],
  ['10.123', 'KWD', 10_123n],
  ['123456789012345.67', 'MNT', 12_345_678_901_234_567n],
  ['-10.00', 'MNT', null],
  ['1e3', 'MNT', null],
  ['', 'MNT', null],
  ['10,00', 'MNT', null],
  ['NaN', 'MNT', null],
])('%j %s is %s in minor units', (text, currency, minor) => {
  expect(minorUnits(text, currency)).toBe(minor);
});

const row = { payment_id: 'p1', payment_status: 'PAID', payment_amount: '100.00', payment_currency: 'MNT' };

describe('a payment', () => {
  test.each([
    [{}, {}],
    [{ payment_amount: 100 }, {}],
    [{ payment_id: 493622150113497 }, { paymentId: '493622150113497' }],
    [{ payment_status: 'REFUNDED' }, { status: 'refunded' }],
    [{ payment_status: 'SOMETHING_NEW' }, { status: 'unclear' }],
    [{ payment_currency: undefined }, {}],
    [{ payment_currency: 'USD' }, { currency: 'USD' }],
    [{ more: 'than we know' }, {}],
  ])('with %j is the same with %j', (wishes, differences) => {
    const payment = { paymentId: 'p1', amount: 10_000n, currency: 'MNT', status: 'paid' };
    expect(CheckedPayment.parse({ ...row, ...wishes })).toEqual({ ...payment, ...differences });
  });

  test.each([
    ['1.50', 150n],
    [1.5, 150n],
    ['99.99', 9_999n],
    ['0.00', undefined],
    ['100.00', undefined],
    ['-1.00', undefined],
    ['one percent', undefined],
    [null, undefined],
  ])('of which they keep %s is paid all the same', (trx_fee, fee) => {
    const read = CheckedPayment.parse({ ...row, trx_fee });
    expect([read.amount, read.fee]).toEqual([10_000n, fee]);
  });

  test.each([
    [{ payment_id: '' }],
    [{ payment_id: '../x' }],
    [{ payment_id: 1.5 }],
    [{ payment_amount: '100.005' }],
    [{ payment_amount: null }],
    [{ payment_amount: -1 }],
    [{ payment_amount: 1e21 }],
    [{ payment_currency: 'tugrik' }],
    [{ payment_status: 7 }],
  ])('with %j cannot be read', (wishes) => {
    expect(CheckedPayment.safeParse({ ...row, ...wishes }).success).toBe(false);
  });

  test.each([
    ['2022-03-11T05:57:47.336Z', '2022-03-11T05:57:47.336Z'],
    ['2022-03-11T13:57:47+08:00', '2022-03-11T05:57:47.000Z'],
    ['2022-03-11 13:57:47', '2022-03-11T05:57:47.000Z'],
    ['some day', undefined],
    [null, undefined],
  ])('of %s was made at %s', (payment_date, instant) => {
    expect(DatedPayment.parse({ ...row, payment_date }).paidAt?.toISOString()).toBe(instant);
  });

  test.each([
    [{ object_type: 'INVOICE', object_id: 'i1' }, 'i1'],
    [{ object_type: 'INVOICE', object_id: 7 }, '7'],
    [{ object_type: 'QR', object_id: 'q1' }, null],
    [{}, null],
  ])('for %j is for the invoice %j', (object, ref) => {
    expect(DatedPayment.parse({ ...row, ...object }).ref).toBe(ref);
  });
});

test.each([
  ['OPEN', 'open'],
  ['CLOSED', 'closed'],
  ['PAID', 'closed'],
  ['CANCELED', 'canceled'],
  ['CANCELLED', 'canceled'],
  ['EXPIRED', 'canceled'],
  ['SOMETHING_NEW', 'open'],
])('an invoice that is %s is %s', (invoice_status, status) => {
  expect(ReadInvoice.parse({ invoice_status }).invoice_status).toBe(status);
});

test.each([
  ['https://s.qpay.mn/PHEc-oCO_O', true],
  ['http://127.0.0.1:3090/pay/x', true],
  ['http://localhost:3090/pay/x', true],
  ['http://s.qpay.mn/x', false],
  ['http://localhost.example.com/x', false],
  ['javascript:alert(1)', false],
  ['qpaywallet://q?x', false],
  [undefined, false],
])('drivers are sent to %s: %s', (qPay_shortUrl, fine) => {
  expect(MadeInvoice.safeParse({ invoice_id: 'i1', qPay_shortUrl }).success).toBe(fine);
});
