import { inChild } from './child.ts';

/** infra/fuzz does the work; it starts a system of its own. */
export const main = inChild('infra/fuzz/src/main.ts');
