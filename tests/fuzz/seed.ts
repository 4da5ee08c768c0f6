import { randomInt } from 'node:crypto';

/** Another one each time, so that every run of the tests looks elsewhere; what is found says how to repeat it. */
export const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
