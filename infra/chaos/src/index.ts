export type { CheckResult, RunResult } from './result.ts';
export { type RunOptions, runChaos } from './run.ts';
