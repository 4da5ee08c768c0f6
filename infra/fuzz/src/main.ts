import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { campaign } from './campaign/campaign.ts';
import { replay } from './campaign/replay.ts';
import { save } from './report/save.ts';
import { render } from './report/text.ts';
import { startTarget } from './system/target.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string' },
    /** Calls whose name matches: `POST /orders`. */
    only: { type: 'string' },
    workers: { type: 'string', default: '16' },
    // One item again, as a finding has printed it.
    call: { type: 'string' },
    sort: { type: 'string', default: 'valid' },
    path: { type: 'string' },
    runs: { type: 'string', default: '10' },
  },
});
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const say = (step: string, text: string) => console.log(`${step.padEnd(12)} ${text}`);
say('seed', String(seed));

const target = await startTarget({ say });
try {
  if (values.call === undefined) {
    const result = await campaign(target, {
      seed,
      milliseconds: Number(values.minutes) * 60_000,
      workers: Number(values.workers),
      ...(values.only && { only: new RegExp(values.only) }),
      say,
    });
    console.log(`\n${render(result)}`);
    console.log(`\nEach call by each kind: ${save(result)}`);
    process.exitCode = result.findings.length === 0 ? 0 : 1;
  } else {
    const { call, sort, path, runs } = values;
    const fine = await replay(target, { call, sort, seed, path, runs: Number(runs), say: (text) => console.log(text) });
    process.exitCode = fine ? 0 : 1;
  }
} finally {
  await target.stop();
}
