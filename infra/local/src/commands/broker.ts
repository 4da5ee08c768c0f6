import { inChild } from './child.ts';

/** infra/broker does the work; it starts nothing. */
export const main = inChild('infra/broker/src/main.ts');
