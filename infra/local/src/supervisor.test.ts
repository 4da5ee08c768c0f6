import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { worthShowingOfService } from './log-file.ts';
import { identityOf } from './process-identity.ts';
import type { Program, ProgramSpec } from './program.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

let directory: string;
let supervisor: Supervisor;
let said: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forecourt-supervisor-'));
  said = [];
  supervisor = createSupervisor({
    say: (name, text) => said.push(`${name}: ${text}`),
    patience: { firstMs: 1, longestMs: 5, crashes: 4 },
  });
});
afterEach(async () => {
  supervisor.destroy();
  await vi.waitFor(() =>
    expect(supervisor.programs.map(({ pid }) => pid)).toEqual(supervisor.programs.map(() => undefined)),
  );
  await rm(directory, { recursive: true });
});

const run = (script: string, more: Partial<ProgramSpec> = {}): Program =>
  supervisor.run({
    name: 'shop',
    command: process.execPath,
    parameters: ['-e', script],
    cwd: directory,
    env: process.env,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    logFile: join(directory, 'shop.log'),
    worthShowing: worthShowingOfService,
    ...more,
  });

const output = () => readFile(join(directory, 'shop.log'), 'utf8').catch(() => '');
const stays = 'setInterval(() => {}, 1000); console.log("up");';
const until = (condition: () => void | Promise<void>) => vi.waitFor(condition, { timeout: 10_000, interval: 10 });
const isUp = () => until(async () => expect(await output()).toContain('up'));

test('a process that crashes is started again', async () => {
  const shop = run(stays);
  await isUp();
  const before = shop.pid;
  shop.kill('SIGKILL');
  await until(() => expect(shop.pid).not.toBe(before));
  await until(() => expect(shop.pid).toBeDefined());
  expect(shop.state).toBe('running');
  expect(said).toContain('shop: ended (SIGKILL); starting it again');
});

test('a process that only ever crashes is left alone, and its log is named', async () => {
  const shop = run('console.error("no such table"); process.exit(3)');
  await until(() => expect(shop.state).toBe('given up'));
  expect(said.at(-1)).toBe(
    `shop: ended 4 times in a row (exit code 3) and is left alone; its output is in ${directory}/shop.log`,
  );
  expect(said).toContain('shop: no such table');
});

test('what was asked to stop stays stopped, and had its time to finish', async () => {
  const shop = run(`process.on('SIGTERM', () => { console.log('finished'); process.exit(0); }); ${stays}`);
  await isUp();
  await shop.stop();
  expect([shop.pid, shop.state]).toEqual([undefined, 'stopped']);
  await until(async () => expect(await output()).toContain('finished'));
});

test('what will not stop is ended by force, with its children', async () => {
  const shop = run(
    `process.on('SIGTERM', () => {});
     const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
     console.log('child ' + child.pid); ${stays}`,
    { stopTimeoutMs: 50 },
  );
  await isUp();
  const [, child] = /child (\d+)/.exec(await output()) ?? [];
  await shop.stop();
  expect(shop.pid).toBeUndefined();
  await until(() => expect(identityOf(Number(child))).toBeUndefined());
});

test('groups stop one after the other', async () => {
  const order: string[] = [];
  for (const name of ['gateway', 'orders', 'postgres']) {
    const logFile = join(directory, `${name}.log`);
    run(stays, { name, logFile });
    await until(async () => expect(await readFile(logFile, 'utf8')).toContain('up'));
  }
  const states = () => supervisor.programs.filter(({ pid }) => pid !== undefined).map(({ name }) => name);
  for (const name of ['gateway', 'orders', 'postgres']) {
    await supervisor.stop([[name]]);
    order.push(states().join(' '));
  }
  expect(order).toEqual(['orders postgres', 'postgres', '']);
});

test('of the log only warnings and worse come to the terminal, once', async () => {
  const lines = ['info', 'warn', 'warn', 'error'].map((level) => `{"level":"${level}","msg":"a ${level}"}`);
  run(`console.log(${JSON.stringify(lines.join('\n'))}); ${stays}`);
  await isUp();
  await until(() => expect(said).toEqual(['shop: warn: a warn', 'shop: error: a error', 'shop: up']));
});

test('when we are killed outright, nothing that we started lives on', async () => {
  const script = `
    import { createSupervisor } from ${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))};
    const { run } = createSupervisor({ say() {} });
    const shared = { command: process.execPath, cwd: '.', env: process.env, stopSignal: 'SIGTERM', stopTimeoutMs: 1, worthShowing() {} };
    const scripts = ['setInterval(() => {}, 1000)', 'setInterval(() => {}, 1000); setInterval(() => {}, 1000)'];
    console.log(scripts.map((code, i) => run({ ...shared, name: 'p' + i, parameters: ['-e', code], logFile: ${JSON.stringify(directory)} + '/p' + i }).pid).join(' '));`;
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(launcher.stdout.setEncoding('utf8'), 'data')) as [string];
  const pids = line.trim().split(' ').map(Number);
  expect(pids.map(identityOf)).toEqual([expect.any(String), expect.any(String)]);
  launcher.kill('SIGKILL');
  await until(() => expect(pids.map(identityOf)).toEqual([undefined, undefined]));
});
