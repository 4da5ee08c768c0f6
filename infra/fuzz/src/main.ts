import { randomInt } from 'node:crypto';
import { campaign } from './campaign/campaign.ts';
import { replay } from './campaign/replay.ts';
import { type Parameters, readParameters, usage } from './parameters.ts';
import { save } from './report/save.ts';
import { render } from './report/text.ts';
import { startTarget } from './system/target.ts';

const say = (step: string, text: string) => console.log(`${step.padEnd(12)} ${text}`);

async function main(parameters: Parameters): Promise<number> {
  if (parameters.help) {
    console.log(usage);
    return 0;
  }
  const { minutes, seed = randomInt(2 ** 31), only, workers, again } = parameters;
  say('seed', String(seed));
  const target = await startTarget({ say });
  try {
    if (again) return (await replay(target, { ...again, seed, say: (text) => console.log(text) })) ? 0 : 1;
    const milliseconds = minutes * 60_000;
    const result = await campaign(target, { seed, milliseconds, workers, ...(only && { only }), say });
    console.log(`\n${render(result)}\n\nEach call by each kind: ${save(result)}`);
    return result.findings.length === 0 ? 0 : 1;
  } finally {
    await target.stop();
  }
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
// Of all the sockets that were left hanging, none is to hold up the end.
process.exit(given ? await main(given) : 2);
