import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startTestServers } from '@forecourt/local';
import { isBlindness } from './check/check.ts';
import { everyCrash, someCrashes } from './crash/points.ts';
import { type Parameters, readParameters, usage } from './parameters.ts';
import { seeded } from './random.ts';
import type { RunResult } from './result.ts';
import { runChaos, saboteurNamed } from './run.ts';
import { catchSaboteur } from './sabotage/catch.ts';
import { saboteurs } from './sabotage/index.ts';
import { type SaboteurName, sabotages, saboteurNames } from './sabotage/saboteurs.ts';
import { summarise } from './summary.ts';

const directory = fileURLToPath(new URL('../../../.local/chaos', import.meta.url));
const began = performance.now();
const say = (text: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

async function main(parameters: Parameters): Promise<number> {
  if (parameters.help) {
    console.log(usage);
    return 0;
  }
  if (parameters.sabotage === 'list') {
    for (const { name, what, caughtBy } of saboteurs) console.log(`${name.padEnd(28)}${what} (${caughtBy})`);
    return 0;
  }
  const { sabotage, seconds } = parameters;
  if (sabotage !== undefined && seconds === undefined) {
    return catchAll(sabotage === 'all' ? saboteurNames : saboteurNames.filter((name) => name === sabotage));
  }
  const names = sabotage === 'all' ? saboteurNames : [sabotage];
  let code = 0;
  for (const name of names) code = Math.max(code, await once(parameters, name));
  return code;
}

/** Each in a system of its own, in the scene that is made for it. */
async function catchAll(names: readonly SaboteurName[]): Promise<number> {
  const servers = await startTestServers((step, text) => say(`${step}: ${text}`));
  let code = 0;
  try {
    for (const name of names) {
      const violations = await catchSaboteur(name, servers.postgresUrl);
      const { breaks, caughtBy } = sabotages[name];
      if (violations.length > 0) say(`${name}: caught by ${caughtBy}: ${violations[0]}`);
      else say(`${name}: SLIPPED THROUGH ${caughtBy}, though it broke this: ${breaks}`);
      if (violations.length === 0) code = 1;
    }
  } finally {
    await servers.stop();
  }
  return code;
}

async function once(
  { seconds = 60, seed = randomInt(2 ** 32), rate, crashes }: Parameters,
  sabotage?: string,
): Promise<number> {
  say(`seed: ${seed}${sabotage === undefined ? '' : `, sabotage: ${sabotage}`}`);
  const options = { seconds, seed, directory, say, ...(rate !== undefined && { rate }) };
  const crashed = crashes === 'all' ? everyCrash : someCrashes(seeded(seed), crashes ?? 0);
  const result = await runChaos({
    ...options,
    ...(crashes !== undefined && { crashes: crashed }),
    ...(sabotage !== undefined && { sabotage }),
  });
  console.log(summarise(result));
  console.log(
    `\nreport: ${directory}/report.html\nagain:  npm run chaos -- --seconds ${seconds} --seed ${seed}${crashes === undefined ? '' : ` --crashes ${crashes}`}`,
  );
  return sabotage === undefined ? Number(result.violations.length > 0) : wasCaught(sabotage, result);
}

function wasCaught(sabotage: string, { checks }: RunResult): number {
  const { caughtBy } = saboteurNamed(sabotage);
  const caught = checks.some(({ name, violations }) => name === caughtBy && !violations.every(isBlindness));
  console.log(caught ? `\n${sabotage} was caught by ${caughtBy}` : `\n${sabotage} SLIPPED THROUGH ${caughtBy}`);
  return caught ? 0 : 1;
}

function parameters(): Parameters | undefined {
  try {
    return readParameters(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

const given = parameters();
const code = given ? await main(given) : 2;
// All that was started is stopped by now. Left to end by itself, Node sometimes spins for ever in clearing up after the
// processes that were killed.
process.exit(code);
