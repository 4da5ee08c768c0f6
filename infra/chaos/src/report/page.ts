import type { RunResult } from '../result.ts';
import { summarise } from '../summary.ts';

export const renderReport = (result: RunResult): string => `<pre>${summarise(result)}</pre>`;
