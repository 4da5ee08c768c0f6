import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

// A checkout with nothing but the launcher, on a machine whose npm does what the test says.
const checkout = await mkdtemp(join(tmpdir(), 'forecourt-launch-'));
const bin = join(checkout, 'bin');

beforeAll(async () => {
  await mkdir(join(checkout, 'infra/local'), { recursive: true });
  await mkdir(bin);
  await copyFile(join(import.meta.dirname, '../launch.mjs'), join(checkout, 'infra/local/launch.mjs'));
});
afterAll(() => rm(checkout, { recursive: true }));

async function launch(npm: string) {
  await writeFile(join(bin, 'npm'), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, 'infra/local/launch.mjs'), 'start'], {
    encoding: 'utf8',
    env: { PATH: `${bin}:/bin:/usr/bin` },
  });
  return { status, stdout, stderr };
}

test.each([
  ['npm error code ENOTFOUND', /npm's registry cannot be reached/],
  ['npm error code ENOSPC', /the disk is full/],
  ['npm error code EACCES', /no permission to write to .*\.local/],
  ['npm error something new', /npm says\nnpm error something new/],
])('without a toolchain, "%s" becomes a sentence', async (complaint, sentence) => {
  const { status, stderr } = await launch(`echo '${complaint}' >&2; exit 1`);
  expect(status).toBe(1);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('an npm that calls half a download a success is not believed', async () => {
  const { status, stderr } = await launch('exit 0');
  expect(status).toBe(1);
  expect(stderr).toContain('what it installed does not run here');
});

test('a failed download leaves no half toolchain behind', async () => {
  await launch('echo x > half; exit 1');
  expect(await readdir(join(checkout, '.local'))).toEqual([]);
});
