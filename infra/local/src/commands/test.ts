import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onInterrupt } from '../interrupt.ts';
import { local, root } from '../paths.ts';
import type { Say } from '../prepare.ts';
import { startTestServers } from '../testing/servers.ts';
import type { Tally } from '../testing/tally.ts';

/** All tests, or those that the parameters choose, as vitest takes them. The last line says how many passed and failed. */
export async function main(parameters: string[], say: Say): Promise<number> {
  const servers = await startTestServers(say);
  try {
    await mkdir(join(local, 'test'), { recursive: true });
    const file = join(local, `test/tally-${process.pid}.json`);
    const code = await runVitest(parameters, {
      TEST_POSTGRES_URL: servers.postgresUrl,
      TEST_NATS_URL: servers.natsUrl,
      FORECOURT_TALLY: file,
    });
    const tally = await readTally(file);
    await rm(file, { force: true });
    // Vitest may fail with every test green: an error that belongs to none, a time-out while closing.
    if (code !== 0 && tally.failed === 0) tally.failed = 1;
    console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
    return tally.failed === 0 ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

async function readTally(file: string): Promise<Tally> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? { passed: 0, failed: 1 } : (JSON.parse(text) as Tally);
}

function runVitest(parameters: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, '../testing/tally.ts')}`];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...parameters], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    onInterrupt(
      () => child.kill('SIGTERM'),
      () => child.kill('SIGKILL'),
    );
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
