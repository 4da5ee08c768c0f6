import type { SampledValue } from '../energy/readings.ts';
import { type MeterReading, readingOf } from '../energy/readings.ts';

/**
 * What stations write, read with patience: a number in quotes is a number, a fraction of a watt-hour is rounded, a time
 * without a zone is UTC. Whatever makes no sense is null; a transaction is not refused over it.
 */
export function wordIn(value: unknown, most = 255): string | null {
  const word = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof word !== 'string') return null;
  const trimmed = word.trim().slice(0, most);
  return trimmed === '' ? null : trimmed;
}

/** What a field says, sense or nonsense, to know its repetition by. */
export const spelled = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

export function wholeIn(value: unknown): number | null {
  const number = typeof value === 'string' && decimal.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number') return null;
  const whole = Math.round(number);
  return Number.isSafeInteger(whole) ? whole : null;
}

/** Where no device is. */
const nowhere = 2 ** 31 - 1;
const mostConnectors = 1_000;

/** null: it names none. */
export function connectorIn(value: unknown): number | null {
  const whole = wholeIn(value);
  return whole === null || (whole >= 0 && whole <= mostConnectors) ? whole : nowhere;
}

/** One that a table of ours can have. */
export function numberIn(value: unknown): number | null {
  const whole = wholeIn(value);
  return whole !== null && whole > 0 && whole < 2 ** 31 ? whole : null;
}

const decimal = /^[+-]?\d+(?:\.\d+)?$/;

export function wattHoursIn(value: unknown): bigint | null {
  const whole = wholeIn(value);
  return whole === null || whole < 0 ? null : BigInt(whole);
}

/** Milliseconds since 1970. */
export function instantIn(value: unknown): number | null {
  const [, day, time, zone = 'Z'] = typeof value === 'string' ? (instant.exec(value.trim()) ?? []) : [];
  if (day === undefined) return null;
  const ms = Date.parse(`${day}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(ms) ? null : ms;
}

const instant = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?$/i;

type Fields = Readonly<Record<string, unknown>>;

export const fieldsIn = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** Some send the only one by itself. */
export const listIn = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

export const oneOf = <W extends string>(words: readonly W[], value: unknown): W | null =>
  words.find((word) => word === value) ?? null;

/** All that a `meterValue` or `transactionData` tells, with each instant as `atOf` reads its timestamp. */
export const readingsIn = (meterValues: unknown, atOf: (timestamp: unknown) => Date): MeterReading[] =>
  listIn(meterValues).map((one) => {
    const { timestamp, sampledValue } = fieldsIn(one);
    return readingOf(listIn(sampledValue).flatMap(sampledIn), atOf(timestamp));
  });

function sampledIn(value: unknown): SampledValue[] {
  const fields = fieldsIn(value);
  const { value: sampled } = fields;
  if (typeof sampled !== 'string' && typeof sampled !== 'number') return [];
  const { unit, multiplier } = fieldsIn(fields.unitOfMeasure);
  return [
    {
      ...fields,
      value: sampled,
      measurand: wordOrAbsent(fields.measurand),
      unit: wordOrAbsent(fields.unit),
      phase: wordOrAbsent(fields.phase),
      context: wordOrAbsent(fields.context),
      location: wordOrAbsent(fields.location),
      format: wordOrAbsent(fields.format),
      ...(fields.unitOfMeasure !== undefined && {
        unitOfMeasure: { unit: wordOrAbsent(unit), multiplier: wholeIn(multiplier) ?? undefined },
      }),
    },
  ];
}

const wordOrAbsent = (value: unknown) => wordIn(value) ?? undefined;
