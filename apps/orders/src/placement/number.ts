import { randomBytes } from 'node:crypto';

/** Crockford's alphabet: nothing that is mistaken for something else when read out over the phone. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `7K3M-9QXT`: short, and one of a million million, so that nobody counts our orders or guesses a neighbour's. */
export function newOrderNumber(): string {
  const letters = Array.from(randomBytes(8), (byte) => alphabet[byte % alphabet.length]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
