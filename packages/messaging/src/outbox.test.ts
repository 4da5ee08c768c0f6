import { defineEvent, Instant, MinorUnits, Version } from '@forecourt/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { outboxRow } from './outbox.ts';
import { newMessageId } from './uuid.ts';

const paid = defineEvent('orders.bill.paid.v1', {
  summary: 'A bill was paid.',
  aggregate: 'billId',
  data: z.object({ billId: z.string(), version: Version, amount: MinorUnits, paidAt: Instant }),
});

test('a row holds the event in wire form, under its aggregate and version', () => {
  const row = outboxRow(paid, { billId: 'b1', version: 3, amount: 1999n, paidAt: new Date('2026-02-19T12:00:00Z') });
  expect(row).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    subject: 'orders.bill.paid.v1',
    aggregate_id: 'b1',
    aggregate_version: 3,
    traceparent: null,
    data: '{"billId":"b1","version":3,"amount":1999,"paidAt":"2026-02-19T12:00:00.000Z"}',
  });
});

test('an event that breaks its own promise is not told', () => {
  const broken = { billId: 'b1', version: 0, amount: 1999n, paidAt: new Date() };
  expect(() => outboxRow(paid, broken)).toThrow(z.core.$ZodError);
});

test('ids grow with time', () => {
  const ids = [1, 2, 255, 256, 65_536, Date.now()].map((now) => newMessageId(now));
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(Array.from({ length: 1000 }, () => newMessageId(1))).size).toBe(1000);
});
