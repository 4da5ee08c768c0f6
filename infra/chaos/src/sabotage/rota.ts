import { type SaboteurName, sabotages, saboteurNames } from './saboteurs.ts';

/** One saboteur for each check, another one the next day: together they are at work every few days. */
export function onDuty(day: number): SaboteurName[] {
  const byCheck = Map.groupBy(saboteurNames, (name) => sabotages[name].caughtBy);
  return [...byCheck.values()].map((names) => names[day % names.length] as SaboteurName);
}
