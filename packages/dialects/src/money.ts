import { AppError } from '@forecourt/errors';

// A formatter takes tens of microseconds to make, and every amount of every answer asks.
const known = new Map<string, number>();

/** How many decimals a currency has (ISO 4217): 2 for UAH, 0 for JPY, 3 for KWD. */
export function decimalsOf(currency: string): number {
  const decimals = known.get(currency) ?? lookUpDecimals(currency);
  known.set(currency, decimals);
  return decimals;
}

const lookUpDecimals = (currency: string) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/**
 * Major units, as the public APIs write money, to minor units: `12.5` → `1250n`.
 * Refuses `amount_precision` when there are more decimals than the currency has. The shortest decimal form of the
 * number is what the client wrote, so no float arithmetic takes part.
 */
export function toMinorUnits(amount: number, currency: string): bigint {
  const decimals = decimalsOf(currency);
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount)) ?? refusePrecision(currency);
  if (fraction.length > decimals) refusePrecision(currency);
  const minor = BigInt(whole + fraction.padEnd(decimals, '0'));
  return sign ? -minor : minor;
}

/** Minor units to the number that JSON shows: `1250n` → `12.5`. Exact below 2^53 minor units. */
export function toMajorUnits(minor: bigint, currency: string): number {
  return Number(minor) / 10 ** decimalsOf(currency);
}

function refusePrecision(currency: string): never {
  throw new AppError('amount_precision', `An amount in ${currency} has at most ${decimalsOf(currency)} decimals.`, {
    params: { currency, decimals: decimalsOf(currency) },
  });
}
