import { type InspectingCheck, isBlindness } from '../check/check.ts';
import { checks } from '../check/index.ts';
import { type SaboteurName, sabotages } from './saboteurs.ts';
import { type Scene, scenes } from './scenes.ts';
import { openStage, type Stage } from './stage.ts';

/** Some of the sabotaged never come to rest. */
const restMs = 8_000;

/** Lets the saboteur loose, plays the scene that shows it up, and gives what the check that must notice has to say. */
export async function catchSaboteur(name: SaboteurName, postgresUrl: string): Promise<readonly string[]> {
  const check = checks.find((one) => one.name === sabotages[name].caughtBy) as InspectingCheck;
  const stage = await openStage({ saboteur: name, postgresUrl });
  try {
    await scenes[name](stage);
    const drained = await stage.atRest(restMs);
    return (await check.inspect(stage.evidence(drained))).violations.filter((violation) => !isBlindness(violation));
  } finally {
    await stage.close();
  }
}

/** Every scene after the other, and nobody at work: what every check has to say. */
export async function playAll(postgresUrl: string): Promise<readonly string[]> {
  const stage = await openStage({ postgresUrl });
  try {
    for (const scene of new Set<Scene>(Object.values(scenes))) await scene(stage);
    const drained = await stage.atRest(60_000);
    return await sayings(stage, drained);
  } finally {
    await stage.close();
  }
}

async function sayings(stage: Stage, drained: boolean): Promise<string[]> {
  const said: string[] = [];
  for (const check of checks) {
    const { violations } = await check.run(stage.evidence(drained));
    said.push(...violations.map((violation) => `${check.name}: ${violation}`));
  }
  return said;
}
