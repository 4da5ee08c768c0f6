import type { AppError, ErrorCode, ErrorParams } from '@forecourt/errors';

/** What a thrower tells in `params` (prices already as text, `350.00 UAH`), so that every dialect's sentence can name it. */
const factNames = {
  header_missing: ['header'],
  header_malformed: ['header'],
  product_not_found: ['product'],
  product_inactive: ['product'],
  option_unknown: ['product', 'option'],
  price_changed: ['product', 'price'],
  delivery_fee_changed: ['price'],
  out_of_stock: ['product', 'available'],
  amount_precision: ['currency', 'decimals'],
  insufficient_balance: ['needed'],
  amount_out_of_range: ['least', 'most'],
} as const satisfies Partial<Record<ErrorCode, readonly string[]>>;

type CodeWithFacts = keyof typeof factNames;
type Facts<Code extends CodeWithFacts> = Readonly<Record<(typeof factNames)[Code][number], string | number>>;

/** Plain words, or a sentence around the facts that this code comes with. */
export type Sentence<Code extends ErrorCode> = Code extends CodeWithFacts ? (facts: Facts<Code>) => string : string;

/** The sentence with its facts; the thrower's own English message when it left a fact out. */
export function say(sentence: string | ((facts: never) => string), error: AppError): string {
  if (typeof sentence === 'string') return sentence;
  const named: readonly string[] = Object.hasOwn(factNames, error.code) ? factNames[error.code as CodeWithFacts] : [];
  const complete = named.every((name) => error.params[name] !== undefined);
  return complete ? (sentence as (facts: ErrorParams) => string)(error.params) : error.message;
}
