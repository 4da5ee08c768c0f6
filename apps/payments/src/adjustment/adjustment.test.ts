import { expect, test } from 'vitest';
import { type Adjustment, decide, isRepeated } from './adjustment.ts';

const at = new Date('2026-02-19T12:00:00.000Z');
const later = new Date('2026-02-19T13:00:00.000Z');

const anAdjustment = (wishes: Partial<Adjustment> = {}): Adjustment => ({
  id: '65f1a2b3c4d5e6f7a8b9c001',
  key: 'ticket-7',
  accountId: 'wallet:65f1a2b3c4d5e6f7a8b9c002:UAH',
  amount: 1_000n,
  reason: 'The charger had stopped',
  status: 'proposed',
  proposedBy: 'olena',
  proposedAt: at,
  decidedBy: null,
  decidedAt: null,
  transferId: null,
  ...wishes,
});

test.each(['approved', 'rejected'] as const)('another operator may have it %s', (status) => {
  const proposed = anAdjustment();
  expect(decide(proposed, { status, by: 'ivan', at: later })).toEqual({
    ...proposed,
    status,
    decidedBy: 'ivan',
    decidedAt: later,
  });
});

test.each(['approved', 'rejected'] as const)(
  'whoever proposed it may not have it %s, whatever was decided',
  (status) => {
    for (const proposed of [anAdjustment(), anAdjustment({ status, decidedBy: 'ivan', decidedAt: at })]) {
      expect(() => decide(proposed, { status, by: 'olena', at: later })).toThrow(
        expect.objectContaining({ code: 'second_operator_needed' }),
      );
    }
  },
);

test('the same decision of the same operator changes nothing, also not its time', () => {
  const approved = anAdjustment({ status: 'approved', decidedBy: 'ivan', decidedAt: at });
  expect(decide(approved, { status: 'approved', by: 'ivan', at: later })).toBe(approved);
});

test.each([
  ['rejected', 'ivan'],
  ['approved', 'maria'],
  ['rejected', 'maria'],
] as const)('once it is approved it is not %s by %s', (status, by) => {
  const approved = anAdjustment({ status: 'approved', decidedBy: 'ivan', decidedAt: at });
  expect(() => decide(approved, { status, by, at: later })).toThrow(
    expect.objectContaining({ code: 'adjustment_decided' }),
  );
});

test('a proposal is repeated by the same operator in the same words alone', () => {
  const before = anAdjustment();
  expect(isRepeated(before, anAdjustment({ status: 'approved' }))).toBe(true);
  for (const other of [{ amount: 1_001n }, { reason: 'Another' }, { proposedBy: 'ivan' }, { accountId: 'fees::UAH' }]) {
    expect(isRepeated(before, anAdjustment(other))).toBe(false);
  }
});
