import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonSchema, Operation } from '../api/document.ts';
import { breakagesOf } from '../breakage/index.ts';
import { written } from '../campaign/examiner.ts';
import { violationOf } from '../oracle/shapes.ts';
import { requestsOf } from './request.ts';

const body: JsonSchema = {
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 2, maxLength: 30 },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    amount: { type: 'number', minimum: 0, maximum: 100 },
    kind: { type: 'string', enum: ['a', 'b'] },
    note: { anyOf: [{ type: 'string', maxLength: 10 }, { type: 'null' }] },
    since: { type: 'string', format: 'date-time' },
    code: { type: 'string', pattern: '^[A-Z]{2}$' },
    tags: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 8 }, minItems: 1, maxItems: 3 },
    lines: {
      type: 'array',
      items: { type: 'object', properties: { on: { type: 'boolean' } }, required: ['on'], additionalProperties: false },
    },
  },
  required: ['title', 'count', 'kind', 'tags'],
  additionalProperties: false,
};

const operation: Operation = {
  name: 'POST /things/{thingId}',
  dialect: 'operators',
  method: 'POST',
  path: '/things/{thingId}',
  parameters: [{ name: 'thingId', in: 'path', required: true, schema: { type: 'string' } }],
  body,
  bodyType: undefined,
  authenticated: 'never',
  responses: {},
  fileTypes: [],
};

/** A world in which nothing exists. */
const world = { look: () => undefined, authorization: () => undefined };
const parsed = (bytes: Buffer): unknown => JSON.parse(bytes.toString());

describe('requests of a document', () => {
  test('are what it allows, whatever the seed', () => {
    fc.assert(
      fc.property(requestsOf(operation), (draft) => {
        const message = written({ draft, breakages: [] }, world);
        expect(violationOf(body, parsed(message.body))).toBeUndefined();
        expect(message.target).toMatch(/^\/things\/[0-9a-f]{24}$/);
      }),
    );
  });

  test('are the same for the same seed', () => {
    const sample = () =>
      fc
        .sample(requestsOf(operation), { seed: 7, numRuns: 20 })
        .map((draft) => written({ draft, breakages: [] }, world));
    expect(sample()).toEqual(sample());
  });

  test('are broken by nearly every breakage, each in its own place', () => {
    const [draft] = fc.sample(requestsOf(operation), { seed: 1, numRuns: 1 });
    if (!draft) throw new Error('no request');
    const whole = written({ draft, breakages: [] }, world);
    const same = breakagesOf(operation)
      .filter((breakage) => JSON.stringify(written({ draft, breakages: [breakage] }, world)) === JSON.stringify(whole))
      .map(({ place, kind }) => `${place} ${kind}`);
    // What does not fit this one request: it has no query to lose, no token to leave out, and is a POST already.
    expect(same.length).toBeLessThan(12);
    const places = new Set(breakagesOf(operation).map(({ place }) => place));
    for (const name of Object.keys(body.properties ?? {})) expect(places).toContain(`body.${name}`);
    for (const place of ['path.thingId', 'document', 'target', 'method', 'header.content-type']) {
      expect(places).toContain(place);
    }
  });

  test('a new field is broken in at least thirty ways without anybody adding it', () => {
    const grown = { ...operation, body: { ...body, properties: { ...body.properties, fresh: { type: 'string' } } } };
    expect(breakagesOf(grown).filter(({ place }) => place === 'body.fresh').length).toBeGreaterThan(30);
  });
});
