import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Obstacle } from '../obstacle.ts';
import { commandOf, isAlive, markOf } from '../process-identity.ts';
import type { Program } from '../program.ts';
import type { Supervisor } from '../supervisor.ts';
import { type PostgresHome, settlePostgres } from './postgres-home.ts';

export interface PostgresOptions {
  /** Data go into `postgres/` here, the log into `logs/`. */
  directory: string;
  port: number;
  password: string;
  /** Data that need not outlive a power failure: tests. */
  throwaway: boolean;
  /** Where there is room: of tests, that leave nothing. */
  inMemory?: boolean;
  /** Over ours. */
  settings?: Readonly<Record<string, string>>;
  supervisor: Supervisor;
}

export interface RunningPostgres {
  /** As superuser, database `postgres`. */
  readonly url: string;
  readonly program: Program;
}

const superuser = 'forecourt';

/** Ready for connections when it returns. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { directory, port, password, throwaway, inMemory = false, supervisor } = options;
  const home = await settlePostgres(directory, { inMemory });
  await demandSameVersion(home);
  await endOrphan(home.data);
  if (!existsSync(join(home.data, 'PG_VERSION'))) await initialise(home, directory, password);

  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    log_min_messages: 'warning',
    // What is committed is in the system's hands, so that it outlives the server's processes, though not the power.
    ...(throwaway && { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const program = supervisor.run({
    name: 'postgres',
    command: join(home.installation, 'bin/postgres'),
    parameters: ['-D', home.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: home.data,
    env: environment(),
    user: home.user,
    // SIGINT: fast shutdown, which does not wait for clients to leave.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 20_000,
    logFile: join(directory, 'logs/postgres.log'),
    worthShowing: (line) => (/\b(PANIC|No space left on device)\b/.test(line) ? line : undefined),
  });
  const url = `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  await untilReady(url, program, join(directory, 'logs/postgres.log'));
  return { url, program };
}

/** Nothing of the caller's: PGDATA and its like would lead it astray. */
const environment = () => ({ PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' });

async function demandSameVersion({ installation, data }: PostgresHome): Promise<void> {
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (found === undefined) return;
  const output = await run(join(installation, 'bin/postgres'), ['--version']);
  const [, ours] = /(\d+)/.exec(output) ?? [];
  if (found.trim() === ours) return;
  throw new Obstacle(
    `The data in ${data} are of Postgres ${found.trim()}, and this version of Forecourt brings Postgres ${ours}. ` +
      'Dump them with the version they came from, or begin anew with "npm start -- --fresh".',
  );
}

/** initdb needs an empty directory, so that what a broken attempt left must go first. */
async function initialise(
  { installation, data, user }: PostgresHome,
  directory: string,
  password: string,
): Promise<void> {
  await rm(join(data), { recursive: true, force: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  const passwordFile = join(data, '..', `.initdb-${process.pid}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [data, passwordFile]) await chown(path, user.uid, user.gid);
  try {
    await run(
      join(installation, 'bin/initdb'),
      [
        `--pgdata=${data}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order and letters on every machine, whatever locales it has.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        `--lc-ctype=${process.platform === 'darwin' ? 'UTF-8' : 'C.UTF-8'}`,
        '--no-instructions',
      ],
      user,
    );
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    const { message } = error as Error;
    if (/No space left/.test(message))
      throw new Obstacle(`The disk is full: Postgres cannot make its files in ${directory}.`);
    throw new Obstacle(`Postgres could not make its files in ${data}:\n${message}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/**
 * One that a killed start left behind holds the data; one whose process id now belongs to something else only seems to.
 * We hold the system's lock, so whatever is found here is nobody's.
 */
async function endOrphan(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  const mark = markOf(pid);
  if (!mark || !commandOf(pid).includes(data)) return rm(file, { force: true });
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    for (const began = performance.now(); isAlive(mark) && performance.now() - began < 10_000; ) await sleep(50);
    if (!isAlive(mark)) return rm(file, { force: true });
  }
}

async function untilReady(url: string, program: Program, log: string): Promise<void> {
  for (const began = performance.now(); ; await sleep(25)) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      // A service's role has its one database; these two it could otherwise enter as anybody may.
      await client.query('REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC');
      return await client.end();
    } catch (error) {
      await client.end().catch(() => {});
      const { code } = error as pg.DatabaseError;
      if (code === '28P01')
        throw new Obstacle(
          'The password of .local/postgres is not the one in .local/secrets.json. Begin anew with "npm start -- --fresh".',
        );
      if (program.state === 'given up' || performance.now() - began > 60_000) {
        throw new Obstacle(`Postgres does not start; the end of ${log} says why:\n${await tail(log)}`);
      }
    }
  }
}

const tail = async (path: string) =>
  (await readFile(path, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-8).join('\n');

function run(command: string, parameters: string[], user?: { uid: number; gid: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
  });
}
