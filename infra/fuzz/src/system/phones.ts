import { randomInt } from 'node:crypto';

// So many that hardly ever two of a run are the same.

const digits = (count: number) => String(randomInt(10 ** count)).padStart(count, '0');
const oneOf = (prefixes: readonly string[]) => prefixes[randomInt(prefixes.length)] as string;

/** Of the shop and the signing apps. */
export const aBuyersPhone = (): string =>
  `+380${oneOf(['50', '63', '66', '67', '68', '73', '95', '96', '97', '98'])}${digits(7)}`;

export const aDriversPhone = (): string =>
  `+976${oneOf(['80', '85', '86', '88', '89', '94', '95', '96', '99'])}${digits(6)}`;

/** As the telecom's site writes it, without the country. */
export const aSubscribersPhone = (): number =>
  Number(`${oneOf(['551', '555', '557', '558', '568', '577', '591', '593', '595', '599'])}${digits(6)}`);
