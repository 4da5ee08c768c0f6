import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forecourt-clock-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** What a process with this clock says. */
async function said(offset: string | undefined, code: string): Promise<unknown> {
  const file = join(directory, 'clock');
  await rm(file, { force: true });
  if (offset !== undefined) await writeFile(file, offset);
  const preload = new URL('clock-preload.ts', import.meta.url).href;
  const { stdout } = await run(process.execPath, ['--import', preload, '-p', `JSON.stringify(${code})`], {
    env: { ...process.env, CHAOS_CLOCK: file, TZ: 'UTC' },
  });
  return JSON.parse(stdout);
}

const hour = 3_600_000;

test('a clock that was set forward is ahead in every way in which a program can ask', async () => {
  const before = Date.now();
  const told = (await said(
    String(hour),
    '[Date.now(), new Date().getTime(), Date.parse(Date() + " UTC")]',
  )) as number[];
  for (const instant of told) expect(instant).toBeGreaterThan(before + hour - 2000);
});

test('what is no question about now is answered as ever', async () => {
  const code = `[new Date(0).toISOString(), new Date(2020, 1, 2).getTime(), new Date() instanceof Date,
    Object.prototype.toString.call(new Date()), Date.UTC(2020, 0)]`;
  expect(await said(String(-hour), code)).toEqual(await said(undefined, code));
});
