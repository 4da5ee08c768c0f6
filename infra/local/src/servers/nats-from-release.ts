import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from './execute.ts';
import type { Source } from './nats-binary.ts';

const version = 'v2.10.27';
const releases = `https://github.com/nats-io/nats-server/releases/download/${version}`;

/**
 * The archive is compared with NATS_SHA256 when that is set, which pins it; else with the list that the release
 * carries, which only proves that it came whole from there.
 */
export const fetchFromRelease: Source = async (into) => {
  const name = `nats-server-${version}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const archive = await download(`${releases}/${name}.tar.gz`);
  const expected =
    process.env.NATS_SHA256 ?? checksumIn((await download(`${releases}/SHA256SUMS`)).toString(), `${name}.tar.gz`);
  const found = createHash('sha256').update(archive).digest('hex');
  if (found !== expected) throw new Error(`${name}.tar.gz has the checksum ${found}, not ${expected}`);

  const file = join(into, 'archive.tar.gz');
  await writeFile(file, archive);
  await execute('tar', ['-xzf', file, '--strip-components=1', `${name}/nats-server`], { cwd: into });
  await readFile(join(into, 'nats-server'));
};

export function checksumIn(list: string, file: string): string {
  const line = list.split('\n').find((candidate) => candidate.trim().endsWith(file));
  const [, checksum] = /^([0-9a-f]{64})\s/.exec(line ?? '') ?? [];
  if (!checksum) throw new Error(`the release lists no checksum of ${file}`);
  return checksum;
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) }).catch((error: Error) => {
    throw new Error(
      `${new URL(url).host} cannot be reached (${(error.cause as Error | undefined)?.message ?? error.message})`,
    );
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
