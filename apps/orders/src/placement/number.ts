import { randomInt } from 'node:crypto';

/** Crockford's alphabet: nothing that is mistaken for something else when read out over the phone. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const half = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');

/** `7K3M-9QXT`: short, and one of a million million, so that nobody counts our orders or guesses a neighbour's. */
export const newOrderNumber = (): string => `${half()}-${half()}`;
