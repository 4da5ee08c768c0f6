import { expect, test, vi } from 'vitest';
import { createHealth } from './health.ts';

test('ready while every probe passes', async () => {
  const health = createHealth();
  health.check('database', async () => 1);
  health.check('nats', () => undefined);
  expect(await health.report()).toEqual({ ready: true, checks: { database: 'ok', nats: 'ok' } });
});

test('one failing probe is enough, and the report says which and why', async () => {
  const health = createHealth();
  health.check('database', () => {
    throw new Error('connection refused');
  });
  health.check('nats', () => undefined);
  expect(await health.report()).toEqual({ ready: false, checks: { database: 'connection refused', nats: 'ok' } });
});

test('a probe that hangs fails after a second instead of hanging the report', async () => {
  vi.useFakeTimers();
  const health = createHealth();
  health.check('database', () => new Promise(() => undefined));
  const report = health.report();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await report).toEqual({ ready: false, checks: { database: 'no answer within 1000 ms' } });
  vi.useRealTimers();
});

test('a leaving process is not ready, however well it feels', async () => {
  const health = createHealth();
  health.check('database', () => undefined);
  health.beginClosing();
  expect(await health.report()).toMatchObject({ ready: false, checks: { process: 'closing', database: 'ok' } });
});
