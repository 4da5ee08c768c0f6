import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { deriveSecrets } from '../secret.ts';
import { createCodeMetrics } from './metrics.ts';

test('a database that is away leaves the other metrics readable, and the last word on spending', async () => {
  const registry = new Registry();
  let spent: Promise<{ attempts: number }[]> = Promise.resolve([{ attempts: 7 }]);
  const { sends } = createCodeMetrics(registry, {
    database: { $queryRaw: <T>() => spent as Promise<T>, $executeRaw: () => Promise.resolve(0) },
    secrets: deriveSecrets('a secret of tests'),
    clock: () => new Date('2026-02-19T12:00:00.000Z'),
    codeLimits: { dailySpend: 7 },
  });
  sends.inc({ channel: 'sms', country: 'UA' });
  expect(await registry.metrics()).toContain('identity_code_spending_stopped 1');

  spent = Promise.reject(new Error('the database is away'));
  const text = await registry.metrics();
  expect(text).toContain('identity_code_sends_total{channel="sms",country="UA"} 1');
  expect(text).toContain('identity_code_spending_stopped 1');
});
