import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withLock } from './lock.ts';
import { Obstacle } from './obstacle.ts';
import { local, root } from './paths.ts';

export type Say = (step: string, text: string) => void;

/** Dependencies and generated code, as the checkout wants them. Only Node's own modules here: nothing is installed yet. */
export async function prepare(say: Say): Promise<void> {
  await withLock(
    join(local, 'prepare.lock'),
    async () => {
      const manifests = globSync('{apps,packages,infra,tests}/*/package.json', { cwd: root });
      await unlessDone(
        'installed',
        ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests],
        install(say),
      );
      const schemas = globSync('apps/*/prisma/schema.prisma', { cwd: root });
      const configs = globSync('apps/*/prisma.config.ts', { cwd: root });
      await unlessDone('generated', ['pnpm-lock.yaml', ...schemas, ...configs], generate(say));
    },
    ({ pid }) => say('waiting', `another launch (process ${pid}) prepares this checkout`),
  );
}

interface Step {
  /** What must be there for the step to count as done. */
  results: string[];
  run(): Promise<void>;
}

/** A step is done when its inputs are, byte by byte, those of the last time. */
async function unlessDone(name: string, inputs: string[], { results, run }: Step): Promise<void> {
  const stamp = join(local, `${name}.sha256`);
  const hash = createHash('sha256');
  for (const input of inputs.sort()) hash.update(`${input}\n`).update(readFileSync(join(root, input)));
  const wanted = hash.digest('hex');
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (done && results.every((result) => existsSync(join(root, result)))) return;
  await rm(stamp, { force: true });
  await run();
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, wanted);
}

const install = (say: Say): Step => ({
  results: ['node_modules/.modules.yaml'],
  run: async () => {
    say('dependencies', 'pnpm install');
    const output = await quietly('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only']);
    if (output !== undefined) throw new Obstacle(explainInstall(output));
  },
});

const generate = (say: Say): Step => ({
  results: globSync('apps/*/prisma/schema.prisma', { cwd: root }).map((schema) =>
    join(dirname(schema), '../src/generated/prisma/client.ts'),
  ),
  run: async () => {
    say('generated', 'Prisma clients');
    const output = await quietly('pnpm', ['exec', 'turbo', 'run', 'generate', '--output-logs=errors-only']);
    if (output !== undefined) throw new Obstacle(`Could not generate the Prisma clients:\n${output}`);
  },
});

/** Gives the output of a command that failed, and nothing of one that did not. */
function quietly(command: string, parameters: string[]): Promise<string | undefined> {
  const env = { ...process.env, CI: 'true', DO_NOT_TRACK: '1', TURBO_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? undefined : output));
  });
}

function explainInstall(output: string): string {
  const what = 'Could not install the dependencies: ';
  if (/ENOSPC/.test(output)) return `${what}the disk is full.`;
  if (/EACCES|EPERM|EROFS/.test(output)) return `${what}no permission to write.\n${output}`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|META_FETCH_FAIL/.test(output)) {
    return `${what}npm's registry cannot be reached. Connect to the network, or name a mirror with "npm config set registry …".`;
  }
  if (/ERR_PNPM_OUTDATED_LOCKFILE/.test(output)) {
    return `${what}pnpm-lock.yaml does not fit a package.json. Run "pnpm install" and commit the lockfile.`;
  }
  return `${what}pnpm says\n${output}`;
}
