import type { Saboteur } from '../evidence.ts';

export const saboteurs: readonly Saboteur[] = [];
