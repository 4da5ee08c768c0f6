import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isAlive, markOf, type ProcessMark } from './process-identity.ts';

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock, or says who holds it. A holder that died without a word loses it. */
export async function tryLock(path: string): Promise<Lock | ProcessMark> {
  await mkdir(dirname(path), { recursive: true });
  const mine = JSON.stringify(markOf(process.pid));
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = await read(path);
    const holder = parse(text);
    if (holder && isAlive(holder)) return holder;
    if (text !== undefined) await discard(path, text);
  }
}

/** Waits until the other one is done; `onWait` hears once whom it waits for. */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: (holder: ProcessMark) => void,
): Promise<T> {
  let lock = await tryLock(path);
  if ('pid' in lock) onWait(lock);
  while ('pid' in lock) {
    await setTimeout(100);
    lock = await tryLock(path);
  }
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Moved aside before it is judged again: what two waiters remove at once must not be the lock that a third has just taken. */
async function discard(path: string, stale: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
    if ((await read(aside)) !== stale) await link(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

const read = (path: string) => readFile(path, 'utf8').catch(() => undefined);

function parse(text: string | undefined): ProcessMark | undefined {
  try {
    return text ? (JSON.parse(text) as ProcessMark) : undefined;
  } catch {
    return undefined;
  }
}
