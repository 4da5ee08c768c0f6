import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onInterrupt } from '../interrupt.ts';
import { compileCache, local, root } from '../paths.ts';
import type { Say } from '../prepare.ts';
import { startTestServers, type TestServers } from '../testing/servers.ts';
import type { Tally } from '../testing/tally.ts';

/** Parameters of vitest, of runs that follow one another. */
type Queue = readonly (readonly string[])[];

/**
 * Two queues, side by side: of two cores, what waits for one of them is rarely more than one run. The first is seen at
 * work; of the other it is told what came of each run when it has ended.
 */
const everything: readonly Queue[] = [
  [
    ['--project', 'unit'],
    ['--project', 'chaos', 'tests/chaos/run.test.ts'],
    ['--project', 'fuzz', 'tests/fuzz/campaign.test.ts'],
  ],
  [
    ['--project', 'e2e'],
    ['--project', 'systems'],
    ['--project', 'chaos', '--exclude', 'tests/chaos/run.test.ts'],
    ['--project', 'fuzz', '--exclude', 'tests/fuzz/campaign.test.ts'],
  ],
];

/**
 * All tests, or those that the parameters choose, as vitest takes them. The last lines name what failed and say how many
 * passed and failed.
 */
export async function main(parameters: string[], say: Say): Promise<number> {
  const servers = await startTestServers(say);
  const running = new Set<ChildProcess>();
  let interrupted = false;
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    interrupted = true;
    for (const child of running) child.kill(signal);
  };
  onInterrupt(
    () => end('SIGTERM'),
    () => end('SIGKILL'),
  );
  try {
    await mkdir(join(local, 'test'), { recursive: true });
    let passed = 0;
    const failures: string[] = [];
    const workOff = async (queue: Queue, place: number) => {
      for (const each of queue) {
        if (interrupted) break;
        const tally = await run(each, place, { servers, running });
        passed += tally.passed;
        failures.push(...tally.failures);
      }
    };
    await Promise.all((parameters.length > 0 ? [[parameters]] : everything).map(workOff));
    console.log(failures.map((failure) => `\nfailed: ${failure}`).join(''));
    console.log(`${passed} passed, ${failures.length} failed`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

interface Company {
  readonly servers: TestServers;
  readonly running: Set<ChildProcess>;
}

async function run(parameters: readonly string[], place: number, { servers, running }: Company): Promise<Tally> {
  const file = join(local, `test/tally-${process.pid}-${place}.json`);
  const env = {
    TEST_POSTGRES_URL: servers.postgresUrl,
    TEST_NATS_URL: servers.natsUrl,
    FORECOURT_TALLY: file,
    NODE_COMPILE_CACHE: compileCache,
  };
  const vitest = startVitest(parameters, env, { seen: place === 0 });
  running.add(vitest);
  const code = await endOf(vitest);
  running.delete(vitest);
  const tally = await readTally(file);
  await rm(file, { force: true });
  // Vitest may fail with every test green: an error that belongs to none, a time-out while closing.
  if (code !== 0 && tally.failures.length === 0)
    return { ...tally, failures: [`vitest ${parameters.join(' ')} ended with ${code} and every test green`] };
  return tally;
}

async function readTally(file: string): Promise<Tally> {
  const found = await readFile(file, 'utf8').catch(() => undefined);
  return found === undefined ? { passed: 0, failures: ['vitest told nothing'] } : (JSON.parse(found) as Tally);
}

function startVitest(parameters: readonly string[], env: NodeJS.ProcessEnv, { seen }: { seen: boolean }): ChildProcess {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, '../testing/tally.ts')}`];
  return spawn(process.execPath, [vitest, 'run', ...reporters, ...parameters], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: seen ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
}

/** Its exit code. What was not seen is said now. */
async function endOf(child: ChildProcess): Promise<number> {
  const said = Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')));
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
  process.stdout.write((await said).join(''));
  return code;
}
