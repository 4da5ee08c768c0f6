import { inChild } from './child.ts';

/** infra/chaos does the work; it starts a system of its own. */
export const main = inChild('infra/chaos/src/main.ts');
