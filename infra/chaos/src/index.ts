export { someCrashes } from './crash/points.ts';
export { seeded } from './random.ts';
export type { CheckResult, RunResult } from './result.ts';
export { type RunOptions, runChaos } from './run.ts';
export { catchSaboteur, playAll } from './sabotage/catch.ts';
export { onDuty } from './sabotage/rota.ts';
export type { SaboteurName } from './sabotage/saboteurs.ts';
