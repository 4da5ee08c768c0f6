import { expect, test } from 'vitest';
import { readingOf, type SampledValue } from './readings.ts';

const at = new Date('2026-02-19T12:00:00Z');
const wh = (...values: SampledValue[]) => readingOf(values, at).registerWh;
const watts = (...values: SampledValue[]) => readingOf(values, at).powerW;
const register = 'Energy.Active.Import.Register';

test.each<[string, SampledValue, bigint | null]>([
  ['nothing but a number: the register in Wh', { value: '1240' }, 1240n],
  ['Wh', { value: '1240', measurand: register, unit: 'Wh' }, 1240n],
  ['kWh, as a fraction that no binary number is', { value: '0.15002000000000001', unit: 'kWh' }, 150n],
  ['kWh in another case', { value: '1.5', unit: 'KWH' }, 1500n],
  ['a number of 2.0.1 in kWh', { value: 12.345, unitOfMeasure: { unit: 'kWh' } }, 12_345n],
  ['a multiplier', { value: 1.2, unitOfMeasure: { unit: 'Wh', multiplier: 3 } }, 1200n],
  ['a negative multiplier', { value: 12_400, unitOfMeasure: { multiplier: -1 } }, 1240n],
  ['a multiplier beyond reason', { value: 1, unitOfMeasure: { multiplier: 40 } }, null],
  ['a unit of something else', { value: '1240', unit: 'varh' }, null],
  ['a unit of power', { value: '1240', measurand: register, unit: 'W' }, null],
  ['half a Wh more', { value: '1240.5' }, 1241n],
  ['an exponent', { value: '1.24E3' }, 1240n],
  ['no number', { value: 'n/a' }, null],
  ['a comma', { value: '12,40' }, null],
  ['hexadecimal', { value: '0x10' }, null],
  ['nothing at all', { value: '' }, null],
  ['NaN', { value: Number.NaN }, null],
  ['less than nothing', { value: '-3' }, null],
  ['more than can be counted', { value: '1e300' }, null],
  ['the energy of an interval', { value: '7', measurand: 'Energy.Active.Import.Interval' }, null],
  ['energy that was given back', { value: '7', measurand: 'Energy.Active.Export.Register' }, null],
  ['signed data, which is no number even if it looks like one', { value: '1240', format: 'SignedData' }, null],
  ['a number with its signature beside it', { value: 1240, signedMeterValue: { signedMeterData: 'AA==' } }, 1240n],
])('a register is read from %s', (_, value, expected) => {
  expect(wh(value)).toBe(expected);
});

test.each<[string, SampledValue[], bigint | null]>([
  ['the one without a phase', [{ value: 300 }, { value: 100, phase: 'L1' }, { value: 190, phase: 'L2' }], 300n],
  [
    'the sum of the phases',
    [
      { value: '100', phase: 'L1' },
      { value: '101', phase: 'L2' },
      { value: '0.102', unit: 'kWh', phase: 'L3' },
    ],
    303n,
  ],
  [
    'the sum of what is measured against neutral',
    [
      { value: 100, phase: 'L1-N' },
      { value: 50, phase: 'L3-N' },
    ],
    150n,
  ],
  [
    'none of what is measured between phases',
    [
      { value: 100, phase: 'L1-L2' },
      { value: 50, phase: 'L2-L3' },
    ],
    null,
  ],
  [
    'nothing when one phase cannot be read',
    [
      { value: 100, phase: 'L1' },
      { value: 'x', phase: 'L2' },
    ],
    null,
  ],
  [
    'the one at the outlet',
    [
      { value: 500, location: 'Inlet' },
      { value: 300, location: 'Outlet' },
    ],
    300n,
  ],
  ['the one at the inlet when there is no other', [{ value: 500, location: 'Inlet' }], 500n],
  [
    'the one of the end',
    [
      { value: 100, context: 'Transaction.Begin' },
      { value: 300, context: 'Transaction.End' },
    ],
    300n,
  ],
  ['the one of the beginning when there is no other', [{ value: 100, context: 'Transaction.Begin' }], 100n],
])('of several registers %s counts', (_, values, expected) => {
  expect(wh(...values)).toBe(expected);
});

test('power is read in its own units, by phases, and not from energy', () => {
  const measurand = 'Power.Active.Import';
  expect(watts({ value: '7.4', measurand, unit: 'kW' })).toBe(7400);
  expect(watts({ value: 2300, measurand, phase: 'L1' }, { value: 2200, measurand, phase: 'L2' })).toBe(4500);
  expect(watts({ value: '3', measurand: 'Power.Offered' }, { value: '1240' })).toBeNull();
  expect(watts({ value: 1e12, measurand })).toBeNull();
});

test('a reading keeps what was sent, and its context', () => {
  const values = [
    { value: '1240', context: 'Sample.Clock' },
    { value: 'OCMF|{}', format: 'SignedData' },
  ];
  expect(readingOf(values, at)).toEqual({ at, registerWh: 1240n, powerW: null, context: 'Sample.Clock', raw: values });
  expect(readingOf([], at)).toEqual({ at, registerWh: null, powerW: null, raw: [] });
});
