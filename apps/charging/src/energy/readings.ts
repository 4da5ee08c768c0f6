/** What a meter said at one instant, in our units; neither version's words. */
export interface MeterReading {
  /** By the station's clock, bounded by the door. */
  readonly at: Date;
  /** The energy register; null: this message does not speak of it, or not in a way that can be believed. */
  readonly registerWh: bigint | null;
  readonly powerW: number | null;
  /** Transaction.Begin, Transaction.End, Sample.Periodic …; absent: a periodic sample. */
  readonly context?: string | undefined;
  /** As the station sent it, signed values too. */
  readonly raw: unknown;
}

/** A sampled value as OCPP 1.6 (text, `unit`) and 2.0.1 (number, `unitOfMeasure`) write it. */
export interface SampledValue {
  readonly value: string | number;
  readonly measurand?: string | undefined;
  readonly unit?: string | undefined;
  readonly unitOfMeasure?: { readonly unit?: string | undefined; readonly multiplier?: number | undefined } | undefined;
  readonly phase?: string | undefined;
  readonly context?: string | undefined;
  readonly location?: string | undefined;
  readonly format?: string | undefined;
  readonly signedMeterValue?: unknown;
}

/** All that a station sampled at one instant: only the energy register is billed, whatever else it says of energy. */
export function readingOf(values: readonly SampledValue[], at: Date): MeterReading {
  const numbers = values.filter(({ format }) => format !== 'SignedData');
  const registers = ofInstant(numbers.filter(({ measurand }) => measurand === undefined || measurand === register));
  const powers = ofInstant(numbers.filter(({ measurand }) => measurand === 'Power.Active.Import'));
  const context = (registers[0] ?? powers[0] ?? values[0])?.context;
  const watts = wholeOrNull(total(powers, powerUnits));
  const wattHours = wholeOrNull(total(registers, energyUnits));
  return {
    at,
    registerWh: wattHours === null ? null : BigInt(wattHours),
    powerW: watts !== null && watts <= mostWatts ? watts : null,
    ...(context !== undefined && { context }),
    raw: values,
  };
}

const register = 'Energy.Active.Import.Register';
const mostWatts = 100_000_000;

/** Wh and W are what is meant when nothing is said. */
const energyUnits = new Map([
  ['wh', 1],
  ['kwh', 1_000],
  ['mwh', 1_000_000],
]);
const powerUnits = new Map([
  ['w', 1],
  ['kw', 1_000],
  ['mw', 1_000_000],
]);

/** One message may bring the values of the beginning and of the end: the later ones; and those of where the cable is. */
function ofInstant(values: readonly SampledValue[]): SampledValue[] {
  const place = best(values, ({ location }) => places.indexOf(location ?? 'Outlet'));
  return best(place, ({ context }) => contexts.indexOf(context ?? 'Sample.Periodic'));
}

const places = ['Outlet', 'Cable', 'Body', 'Inlet', 'Upstream'];
const contexts = ['Transaction.End', 'Interruption.End', 'Sample.Periodic', 'Sample.Clock', 'Trigger', 'Other'];

/** Those of the lowest rank that any of them has; what has none comes last. */
function best(values: readonly SampledValue[], rankOf: (value: SampledValue) => number): SampledValue[] {
  const ranked = values.map((value) => {
    const rank = rankOf(value);
    return { value, rank: rank < 0 ? Number.POSITIVE_INFINITY : rank };
  });
  const lowest = Math.min(...ranked.map(({ rank }) => rank));
  return ranked.filter(({ rank }) => rank === lowest).map(({ value }) => value);
}

/** The value of all phases, else their sum; null: there is none, or one of them cannot be read. */
function total(values: readonly SampledValue[], units: ReadonlyMap<string, number>): number | null {
  const whole = values.filter(({ phase }) => phase === undefined);
  if (whole.length > 0) return largest(whole.map((value) => numberIn(value, units)));
  for (const phases of [
    ['L1', 'L2', 'L3'],
    ['L1-N', 'L2-N', 'L3-N'],
  ]) {
    const parts = phases.flatMap((phase) => {
      const said = values.filter((value) => value.phase === phase);
      return said.length > 0 ? [largest(said.map((value) => numberIn(value, units)))] : [];
    });
    if (parts.length > 0) {
      return parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0 as number | null);
    }
  }
  return null;
}

const largest = (numbers: readonly (number | null)[]): number | null =>
  numbers.reduce((most, number) => (number !== null && (most === null || number > most) ? number : most), null);

/** In Wh or W; null: not a number, or of a unit that says that it is something else. */
function numberIn({ value, unit, unitOfMeasure }: SampledValue, units: ReadonlyMap<string, number>): number | null {
  const factor = units.get((unit ?? unitOfMeasure?.unit ?? [...units.keys()][0] ?? '').toLowerCase());
  const number = typeof value === 'number' ? value : decimal.test(value.trim()) ? Number(value) : Number.NaN;
  const multiplier = unitOfMeasure?.multiplier ?? 0;
  if (factor === undefined || !Number.isFinite(number) || Math.abs(multiplier) > 12) return null;
  return number * 10 ** multiplier * factor;
}

const decimal = /^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/;

const wholeOrNull = (number: number | null): number | null => {
  if (number === null || number < 0) return null;
  const whole = Math.round(number);
  return Number.isSafeInteger(whole) ? whole : null;
};
