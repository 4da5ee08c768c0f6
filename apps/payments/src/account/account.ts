import type { AccountKind, AccountName } from '../ledger/ledger.ts';

export const accountKinds = [
  'wallet',
  'clearing',
  'revenue',
  'fees',
  'adjustments',
] as const satisfies readonly AccountKind[];

/** An account of the books. That the house's are kept in several rows is nobody's business but the ledger's. */
export interface BookAccount extends AccountName {
  /** ISO 4217. */
  readonly currency: string;
}

/** `wallet:65f1a2b3c4d5e6f7a8b9c001:UAH`, `clearing:qpay:UAH`, `fees::UAH`. */
export const accountIdOf = ({ kind, owner, currency }: BookAccount): string => `${kind}:${owner}:${currency}`;

const wallet = 'wallet:[0-9a-f]{24}';
const named = '(?:clearing|revenue):[a-z][a-z0-9-]{0,31}';
const single = '(?:fees|adjustments):';
export const accountIdPattern = new RegExp(`^(?:${wallet}|${named}|${single}):[A-Z]{3}$`);

export function accountNamed(id: string): BookAccount {
  if (!accountIdPattern.test(id)) throw new Error(`"${id}" names no account`);
  const [kind, owner, currency] = id.split(':') as [AccountKind, string, string];
  return { kind, owner, currency };
}
