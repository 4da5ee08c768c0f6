import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../paths.ts';
import type { Say } from '../prepare.ts';
import { startTestServers } from '../testing/servers.ts';

const checks: readonly [name: string, command: string, ...parameters: string[]][] = [
  ['format, lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit'],
  ['boundaries', 'depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'packages', 'infra', 'tests'],
  ['unused', 'knip'],
];

/** Everything that a machine can see without running the code; what fails is shown in full. */
export async function main(_parameters: string[], say: Say): Promise<number> {
  let failed = 0;
  const judge = async (name: string, command: string, parameters: readonly string[]) => {
    const output = await run(command, parameters);
    if (output === undefined) return say('ok', name);
    failed += 1;
    say('FAILED', `${name}\n${output}`);
  };
  const judgeSchemas = async () => {
    const servers = await startTestServers(say);
    try {
      await judge('schemas and migrations agree', process.execPath, [
        'infra/prisma/check-drift.ts',
        servers.postgresUrl,
      ]);
    } finally {
      await servers.stop();
    }
  };
  const inModules = (command: string) => join(root, 'node_modules/.bin', command);
  // Side by side: most of them keep one core busy.
  await Promise.all([
    judgeSchemas(),
    ...checks.map(([name, command, ...parameters]) => judge(name, inModules(command), parameters)),
  ]);
  return failed === 0 ? 0 : 1;
}

/** Gives the output of what failed. */
function run(command: string, parameters: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? undefined : output));
  });
}
