import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { cpus, loadavg, totalmem } from 'node:os';
import pg from 'pg';

/** What a figure is worth nothing without. */
export interface Conditions {
  plan: string;
  at: string;
  seed: number;
  cpus: number;
  model: string;
  memoryMb: number;
  platform: string;
  /** Of the last minute before the run: what else the machine was busy with. */
  loadAverage: number;
  node: string;
  postgres: string;
  nats: string;
  /** The commit that was measured, with a plus when files had been changed since. */
  commit: string;
}

export async function conditionsOf(
  { superuserUrl, natsUrl }: { superuserUrl: string; natsUrl: string },
  { plan, seed, loadAverage }: { plan: string; seed: number; loadAverage: number },
): Promise<Conditions> {
  return {
    plan,
    at: new Date().toISOString(),
    seed,
    cpus: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryMb: Math.round(totalmem() / 2 ** 20),
    platform: `${process.platform} ${process.arch}`,
    loadAverage,
    node: process.versions.node,
    postgres: await postgresVersion(superuserUrl),
    nats: await natsVersion(new URL(natsUrl)),
    commit: commit(),
  };
}

export const loadAverageNow = (): number => loadavg()[0] ?? 0;

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  await client.end();
  return rows[0]?.server_version ?? 'unknown';
}

/** A server introduces itself to whoever connects. */
async function natsVersion({ hostname, port }: URL): Promise<string> {
  const socket = connect(Number(port), hostname);
  const [info] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return /"version":"([^"]+)"/.exec(info.toString())?.[1] ?? 'unknown';
}

function commit(): string {
  const git = (...parameters: string[]) => execFileSync('git', parameters, { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'apps', 'packages', 'infra') ? '+' : '');
  } catch {
    return 'unknown';
  }
}
