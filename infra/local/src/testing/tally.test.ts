import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { TestModule } from 'vitest/node';
import TallyReporter from './tally.ts';

let directory: string;
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

type Case = readonly [name: string, state: 'passed' | 'failed' | 'skipped', message?: string];

/** What the reporter looks at in a file of tests. */
function aModule(name: string, cases: readonly Case[], errors: readonly { message: string }[] = []): TestModule {
  const module = {
    relativeModuleId: name,
    state: () => (errors.length > 0 || cases.some(([, state]) => state === 'failed') ? 'failed' : 'passed'),
    errors: () => errors,
    children: { allTests: () => tests },
  };
  const tests = cases.map(([fullName, state, message]) => ({
    module,
    fullName,
    result: () => ({ state, ...(message !== undefined && { errors: [{ message }] }) }),
  }));
  return module as unknown as TestModule;
}

test('names what failed, by file, test and first line: also what is no test', async () => {
  directory = await mkdtemp(join(tmpdir(), 'forecourt-tally-'));
  const file = join(directory, 'tally.json');
  vi.stubEnv('FORECOURT_TALLY', file);
  const modules = [
    aModule('a.test.ts', [
      ['adds', 'passed'],
      ['a sum > is right', 'failed', 'expected 1 to be 2\nand more'],
      ['later', 'skipped'],
    ]),
    aModule('b.test.ts', [], [{ message: 'no such module' }]),
    aModule('c.test.ts', [['counts', 'passed']]),
  ];
  new TallyReporter().onTestRunEnd(modules, [{ message: 'nobody caught it' }]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    passed: 2,
    failures: [
      'of no test: nobody caught it',
      'a.test.ts > a sum > is right: expected 1 to be 2',
      'b.test.ts: no such module',
    ],
  });
});
