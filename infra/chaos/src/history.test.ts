import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { record } from './history.ts';

const money = { transfers: 1, posted: '0', postings: '0', askew: 0, overdrawn: 0 };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forecourt-history-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('what is remembered is also written, a line for each thing as it happened', async () => {
  const file = join(directory, 'history.jsonl');
  const history = record(file);
  const end = history.invoke({ kind: 'place', about: { idempotencyKey: 'k' }, request: { items: [] } });
  const fault = history.broke({ kind: 'service-kill', target: 'orders', detail: 'kill -9' });
  end({ outcome: 'ok', status: 201, reply: '{"_id":"1"}', about: { orderId: '1' } });
  history.mended(fault);
  history.recovered(fault, 5);
  history.sample({ stock: { one: 3, two: null }, money });
  await history.close();

  expect(history.operations).toMatchObject([
    { id: 1, kind: 'place', outcome: 'ok', status: 201, about: { idempotencyKey: 'k', orderId: '1' } },
  ]);
  expect(history.faults).toMatchObject([{ id: 1, kind: 'service-kill', recoveredAt: 5 }]);
  expect(history.faults[0]?.to).toBeGreaterThanOrEqual(fault.from);
  expect(history.samples).toMatchObject([{ stock: { one: 3, two: null }, money }]);

  const lines = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toMatchObject([
    { type: 'began' },
    { type: 'invoke', id: 1, kind: 'place', request: { items: [] } },
    { type: 'fault', id: 1, target: 'orders' },
    { type: 'ok', id: 1, status: 201 },
    { type: 'mended', id: 1 },
    { type: 'recovered', id: 1 },
    { type: 'sample' },
  ]);
});

test('what never ended is in the file as begun, and not among what ended', async () => {
  const file = join(directory, 'open.jsonl');
  const history = record(file);
  history.invoke({ kind: 'login', about: {} });
  await history.close();
  expect(history.operations).toEqual([]);
  expect(await readFile(file, 'utf8')).toContain('"type":"invoke"');
});
