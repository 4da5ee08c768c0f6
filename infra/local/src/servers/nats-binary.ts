import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../lock.ts';
import { Obstacle } from '../obstacle.ts';
import { local } from '../paths.ts';
import { fetchFromDebian } from './nats-from-debian.ts';
import { fetchFromRelease } from './nats-from-release.ts';
import { atLeast, demandVersion, oldestNats, versionOf } from './nats-version.ts';

export interface NatsBinary {
  readonly path: string;
  readonly version: string;
}

/** Puts nats-server into this directory, or says why it cannot. */
export type Source = (into: string) => Promise<void>;

const sources: readonly [name: string, fetch: Source][] = [
  ["the machine's Debian mirror", fetchFromDebian],
  ['the release of nats-io', fetchFromRelease],
];

const cached = join(local, 'bin/nats-server');

/** NATS_SERVER, then the PATH, then what an earlier start has fetched, then a download. */
export async function findNatsServer(say: (step: string, text: string) => void): Promise<NatsBinary> {
  const named = process.env.NATS_SERVER;
  if (named) {
    const version = versionOf(named);
    if (!version) throw new Obstacle(`NATS_SERVER: ${named} is not a nats-server that runs here.`);
    demandVersion(version, named);
    return { path: named, version };
  }
  const present = usable('nats-server') ?? usable(cached);
  if (present) return present;
  return withLock(
    join(local, 'nats-server.lock'),
    async () => usable(cached) ?? (await fetch(say)),
    ({ pid }) => say('waiting', `another launch (process ${pid}) fetches nats-server`),
  );
}

function usable(path: string): NatsBinary | undefined {
  const version = versionOf(path);
  return version && atLeast(version, oldestNats) ? { path, version } : undefined;
}

async function fetch(say: (step: string, text: string) => void): Promise<NatsBinary> {
  await mkdir(join(local, 'bin'), { recursive: true });
  const failures: string[] = [];
  for (const [name, source] of sources) {
    say('nats-server', `from ${name}`);
    const work = await mkdtemp(join(local, 'nats-'));
    try {
      await source(work);
      return await keep(join(work, 'nats-server'));
    } catch (error) {
      failures.push(`  ${name}: ${(error as Error).message}`);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  throw new Obstacle(
    `nats-server ${oldestNats} or newer cannot be had:\n${failures.join('\n')}\n` +
      'Install it and set NATS_SERVER to its path, or NATS_URL to a running server.',
  );
}

async function keep(path: string): Promise<NatsBinary> {
  if (existsSync(path)) await chmod(path, 0o755);
  const found = usable(path);
  if (!found) throw new Error('what came is no nats-server that runs here');
  // Copied beside its place, then moved: nobody ever sees half of it.
  await copyFile(path, `${cached}.new`);
  await rename(`${cached}.new`, cached);
  return { path: cached, version: found.version };
}
