import { currencies } from 'countries-list/currencies';

/** ISO 4217 has a number for each of its codes: 980 for UAH. */
export function numericCodeOf(currency: string): number {
  const numeric = currencies[currency as keyof typeof currencies]?.numeric;
  if (numeric === undefined) throw new Error(`CURRENCY: ${currency} is none of ISO 4217`);
  return Number(numeric);
}
