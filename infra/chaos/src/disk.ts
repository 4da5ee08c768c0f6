import { execFile } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A directory that is a small disk of its own. */
export interface LimitedDisk {
  /** Until not a byte more fits. */
  fill(): Promise<void>;
  /** As if somebody had tidied up. */
  relieve(): Promise<void>;
  release(): Promise<void>;
}

/** Mounting is for root, on Linux, outside of most containers; elsewhere it says why not. */
export async function diskOf(directory: string, megabytes: number): Promise<LimitedDisk | { impossible: string }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'forecourt-chaos', directory]);
  } catch (error) {
    const { message } = error as Error;
    return { impossible: `no small disk can be mounted here: ${message.trim().split('\n').at(-1)}` };
  }
  const ballast = join(directory, 'ballast');
  return {
    async fill() {
      const file = await open(ballast, 'a');
      try {
        for (const chunk of [Buffer.alloc(1 << 20), Buffer.alloc(4096)]) {
          while (await fits(file, chunk));
        }
      } finally {
        await file.close();
      }
    },
    relieve: () => rm(ballast, { force: true }),
    async release() {
      await execute('umount', ['--lazy', directory]);
    },
  };
}

async function fits(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<boolean> {
  try {
    const { bytesWritten } = await file.write(chunk);
    return bytesWritten === chunk.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

/** A run that was killed leaves its disk behind. */
export async function releaseLeftover(directory: string): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  if (mounts.includes(` ${directory} `)) await execute('umount', ['--lazy', directory]);
}
