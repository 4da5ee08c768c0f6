import type { Check } from '../evidence.ts';

export const checks: readonly Check[] = [];
