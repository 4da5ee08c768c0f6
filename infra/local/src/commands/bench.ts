import { inChild } from './child.ts';

/** infra/bench does the work; it starts a system of its own. */
export const main = inChild('infra/bench/src/main.ts');
