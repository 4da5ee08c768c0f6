import type { GrowthResult, RunResult, ScaleResult } from '../report/results.ts';
export function publish(_: { run?: RunResult; growth?: GrowthResult; scale?: ScaleResult }): string[] {
  return [];
}
