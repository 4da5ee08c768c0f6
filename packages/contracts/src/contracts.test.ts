import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { asyncApiDocument, wireSchema } from './asyncapi.ts';
import { defineEvent, defineRequest } from './define.ts';
import { events, requests } from './registry.ts';
import { Version } from './values.ts';

const samplesDirectory = join(import.meta.dirname, '../samples');

interface Sample {
  subject: string;
  data: Record<string, unknown>;
}

/** One file a released shape: `<subject>.<n>.json`. Files are added when a contract grows, never edited. */
const samples: Sample[] = readdirSync(samplesDirectory).map((file) => ({
  subject: file.replace(/\.\d+\.json$/, ''),
  data: JSON.parse(readFileSync(join(samplesDirectory, file), 'utf8')),
}));

test('a changed promise shows in review', async () => {
  const promises = Object.fromEntries([
    ...events.map((event) => [
      event.subject,
      { stream: event.stream, aggregate: event.aggregate, data: wireSchema(event.data) },
    ]),
    ...requests.map(({ subject, request, reply }) => [
      subject,
      { request: wireSchema(request), reply: wireSchema(reply) },
    ]),
  ]);
  await expect(`${JSON.stringify(promises, null, 2)}\n`).toMatchFileSnapshot('../contracts.snapshot.json');
});

describe('every event that was ever released', () => {
  test.each(events.map((event) => event.subject))('%s has a sample', (subject) => {
    expect(samples.map((sample) => sample.subject)).toContain(subject);
  });

  test.each(samples)('a sample of $subject still reads, and writes back all that it said', ({ subject, data }) => {
    const event = events.find((candidate) => candidate.subject === subject);
    if (!event) throw new Error(`nobody defines ${subject} any more, but someone may still send it`);
    expect(z.encode(event.data, event.data.parse(data))).toMatchObject(data);
  });

  test.each(samples)('$subject from a newer producer reads too: unknown fields are ignored', ({ subject, data }) => {
    const event = events.find((candidate) => candidate.subject === subject);
    expect(event?.data.safeParse({ ...data, addedLater: { anything: [1] } }).success).toBe(true);
  });
});

test('every event names an aggregate that its data holds', () => {
  for (const event of events) expect(Object.keys(event.data.shape), event.subject).toContain(event.aggregate);
});

test('no two contracts share a subject', () => {
  const subjects = [...events, ...requests].map((contract) => contract.subject);
  expect(new Set(subjects).size).toBe(subjects.length);
});

test('a subject outside the naming scheme stops the start', () => {
  const data = z.object({ id: z.string(), version: Version });
  expect(() => defineEvent('orders.order.placed' as never, { summary: '', aggregate: 'id', data })).toThrow(
    'orders.order.placed',
  );
  expect(() => defineRequest('orders.order.placed.v1', { summary: '', request: data, reply: data })).toThrow(
    'orders.order.placed.v1',
  );
});

test('the AsyncAPI document is valid, and is the one in docs', async () => {
  const document = JSON.stringify(asyncApiDocument(), null, 2);
  const diagnostics = await new Parser().validate(document);
  expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
  await expect(`${document}\n`).toMatchFileSnapshot('../../../docs/asyncapi.json');
});
