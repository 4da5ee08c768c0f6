import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { Obstacle } from './obstacle.ts';
import { commandOf } from './process-identity.ts';

export interface PortWish {
  name: string;
  port: number;
  /** The variable that moves it. */
  variable: string;
}

/** Before anything is started, so that the message is ours and names all of them. */
export async function demandFreePorts(wishes: readonly PortWish[]): Promise<void> {
  const complaints: string[] = [];
  for (const { name, port, variable } of wishes) {
    if (await isFree(port)) continue;
    const owner = ownerOf(port);
    complaints.push(
      `Port ${port} (${name}) is taken${owner ? ` by ${owner}` : ''}. Free it, or set ${variable} to another one.`,
    );
  }
  if (complaints.length > 0) throw new Obstacle(complaints.join('\n'));
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES')
        reject(new Obstacle(`No permission to listen on port ${port}: use one above 1023.`));
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * As many as wanted, all different. From below the range that systems hand to outgoing connections: one of those could
 * take a port between our finding it and its use.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(20_000, 32_000);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

/** Which process has it, as far as we may see: it may listen there, or just use it to call somebody else. */
function ownerOf(port: number): string | undefined {
  const pid = process.platform === 'linux' ? holderByProc(port) : holderByLsof(port);
  if (pid === undefined) return undefined;
  const command = commandOf(pid);
  return `process ${pid}${command ? ` (${command.slice(0, 80)})` : ''}`;
}

function holderByProc(port: number): number | undefined {
  const hexPort = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table)) {
      const [, address = '', , , , , , , , inode] = line.trim().split(/\s+/);
      if (address.endsWith(hexPort)) sockets.add(`socket:[${inode}]`);
    }
  }
  if (sockets.size === 0) return undefined;
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .find((pid) => openFiles(pid).some((file) => sockets.has(file)));
}

const readLines = (path: string) => attempt(() => readFileSync(path, 'utf8'), '').split('\n');

/** What can be seen of them: nothing of somebody else's process, and one may be closed while we look. */
function openFiles(pid: number): string[] {
  return attempt(() => readdirSync(`/proc/${pid}/fd`), []).map((fd) =>
    attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`), ''),
  );
}

function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

function holderByLsof(port: number): number | undefined {
  const parameters = ['-nP', `-iTCP:${port}`, '-t'];
  const output = attempt(
    () => execFileSync('lsof', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    '',
  );
  return Number(output.split('\n')[0]) || undefined;
}
