import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appDirectory } from './paths.ts';

/**
 * `src/demo.ts` of a service loads its demo data and may be run any number of times. It is run when it has not been, or
 * when it or the database has changed since. Gives the last line that it said, or nothing when there was nothing to do.
 */
export async function loadDemo(
  service: string,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const cwd = appDirectory(service);
  if (!existsSync(join(cwd, 'src/demo.ts'))) return undefined;
  const marker = join(directory, `demo-${service}`);
  const version = versionOf(cwd, env.DATABASE_URL ?? '');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === version) return undefined;
  const said = await run(cwd, env);
  await writeFile(marker, version);
  return said;
}

function versionOf(cwd: string, database: string): string {
  const hash = createHash('sha256').update(database);
  for (const file of globSync('{src/demo.ts,src/demo/**,demo/**}', { cwd, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    hash.update(readFileSync(join(file.parentPath, file.name)));
  }
  return hash.digest('hex');
}

function run(cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['src/demo.ts'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (output.stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(lastLine(output.stdout) ?? 'loaded');
      else reject(new Error(`exit code ${code}\n${output.stderr || output.stdout}`));
    });
  });
}

/** Of what is meant for people: JSON lines are the log. */
const lastLine = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('{'))
    .at(-1);
