import { expect, test } from 'vitest';
import type { Fault } from '../history.ts';
import { availability } from './availability.ts';
import { anOperation } from './made-up.ts';

const fault: Fault = {
  id: 1,
  kind: 'service-kill',
  target: 'orders',
  from: 0,
  to: 1_000,
  recoveredAt: 1_500,
  detail: '',
};
const { recoveredAt: _, ...lasting } = fault;
const { to: _to, ...eternal } = lasting;
const answered = (status: number | null, startedAt = 100) =>
  anOperation({ kind: 'browse', status, startedAt, outcome: status === 200 ? 'ok' : 'unknown' });

test.each([200, 404, 429, 503, 504, null])('the check of availability passes the answer %s', (status) => {
  expect(availability.judge({ operations: [answered(200), answered(status)], faults: [fault] }).violations).toEqual([]);
});

test.each([500, 502])('the check of availability sees the answer %s', (status) => {
  const { violations } = availability.judge({ operations: [answered(status)], faults: [fault] });
  expect(violations).toEqual([expect.stringMatching(`was answered ${status}`)]);
});

test('the check of availability passes a fault of ours that subscribers may try again, and no other', () => {
  const away = { kind: 'order-package', status: 500, code: '99', outcome: 'unknown', startedAt: 100 } as const;
  const said = (comeAgain: boolean) =>
    availability.judge({ operations: [answered(200), anOperation({ ...away, comeAgain })], faults: [fault] })
      .violations;
  expect(said(true)).toEqual([]);
  expect(said(false)).toHaveLength(1);
});

test('the check of availability proves nothing without answers', () => {
  expect(availability.judge({ operations: [answered(null)], faults: [] }).violations).toEqual(['saw no answers']);
});

test.each<[string, Fault, RegExp]>([
  ['takes too long to recover from', { ...fault, recoveredAt: 32_000 }, /nothing worked for 31000 ms/],
  ['nothing recovers from', lasting, /nothing worked for \d{5} ms/],
  ['is never taken back', eternal, /was never taken back/],
])('the check of availability sees a fault that %s', (_, wrong, sentence) => {
  const { violations } = availability.judge({ operations: [answered(200, 50_000)], faults: [wrong] });
  expect(violations).toContainEqual(expect.stringMatching(sentence));
});

test('the check of availability asks nothing of a fault that could not be done, or ended last', () => {
  const impossible = { ...eternal, impossible: 'no tmpfs here' };
  expect(availability.judge({ operations: [answered(200)], faults: [impossible, lasting] }).violations).toEqual([]);
});

test('the check of availability waits no longer than people come', () => {
  const operations = [answered(200, 50_000)];
  expect(availability.judge({ operations, faults: [lasting], loadOverAt: 20_000 }).violations).toEqual([]);
  expect(availability.judge({ operations, faults: [lasting], loadOverAt: 50_000 }).violations).toHaveLength(1);
});

test('the check of availability asks of a fault for which nobody came any more that it was taken back, and no more', () => {
  const operations = [answered(200, 90_000)];
  const afterwards = { ...fault, recoveredAt: 80_000 };
  expect(availability.judge({ operations, faults: [afterwards], loadOverAt: 100 }).violations).toEqual([]);
  expect(availability.judge({ operations, faults: [eternal], loadOverAt: 100 }).violations).toHaveLength(1);
});

test('the check of availability does not judge the lines of stations by the few who begin a charge', () => {
  const line = { ...lasting, target: 'stations → charging-2' };
  expect(availability.judge({ operations: [answered(200, 90_000)], faults: [line] }).violations).toEqual([]);
});

test('the check of availability does not count the time in which something else was broken', () => {
  const late = { ...fault, recoveredAt: 32_000 };
  const meanwhile = { ...fault, id: fault.id + 1, from: 20_000, to: 21_000, recoveredAt: 32_000 };
  expect(availability.judge({ operations: [answered(200, 50_000)], faults: [late, meanwhile] }).violations).toEqual([]);
});
