/** Amounts of one currency: minor units inside, numbers and texts of major units to the outside. */
export interface Money {
  readonly currency: string;
  /** undefined: more decimals than the currency has. */
  toMinor(amount: number): number | undefined;
  toMajor(minor: number): number;
  toText(minor: number): string;
}

export function moneyOf(currency: string): Money {
  const formatter = new Intl.NumberFormat('en', { style: 'currency', currency });
  const decimals = formatter.resolvedOptions().maximumFractionDigits ?? 2;
  const unit = 10 ** decimals;
  return {
    currency,
    toMinor: (amount) => {
      const minor = Math.round(amount * unit);
      return Number.isSafeInteger(minor) && minor / unit === amount ? minor : undefined;
    },
    toMajor: (minor) => minor / unit,
    // "10.00", also where there is nothing behind the point.
    toText: (minor) => (minor / unit).toFixed(Math.max(2, decimals)),
  };
}
