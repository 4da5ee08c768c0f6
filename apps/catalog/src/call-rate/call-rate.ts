/** What a minute costs in minor units, and what is dialled before the subscriber's own number. */
export interface Rate {
  readonly price: bigint;
  readonly code: string;
}

export interface CallRate {
  /** Who is called, once a list: its name in English. */
  readonly name: { readonly en: string; readonly ka: string; readonly ru: string };
  readonly home: Rate;
  readonly mobile: Rate;
}

export type RateLanguage = keyof CallRate['name'];

export type Standing = 'coming' | 'current' | 'past';

export interface Beginning {
  readonly number: number;
  readonly effectiveFrom: Date;
}

const isLater = (a: Beginning, b: Beginning): boolean =>
  a.effectiveFrom.getTime() === b.effectiveFrom.getTime() ? a.number > b.number : a.effectiveFrom > b.effectiveFrom;

/** Of two that begin at one instant the one that came later is meant. */
export function standingOf(list: Beginning, current: Beginning | null): Standing {
  if (current?.number === list.number) return 'current';
  return current === null || isLater(list, current) ? 'coming' : 'past';
}
