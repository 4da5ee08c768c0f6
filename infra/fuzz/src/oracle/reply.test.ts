import { describe, expect, test } from 'vitest';
import type { Operation } from '../api/document.ts';
import type { Header, Message } from '../wire/message.ts';
import type { Reply } from '../wire/reply.ts';
import { acceptanceFault, faultsOf, refusalShapes } from './reply.ts';

const operation: Operation = {
  name: 'POST /things',
  dialect: 'shop',
  method: 'POST',
  path: '/things',
  parameters: [],
  body: { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: false },
  bodyType: undefined,
  authenticated: 'never',
  fileTypes: [],
  responses: {
    200: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'], additionalProperties: false },
    default: {
      type: 'object',
      properties: { statusCode: { type: 'integer' }, message: { type: 'string' } },
      required: ['statusCode', 'message'],
      additionalProperties: false,
    },
  },
};

const message: Message = { method: 'POST', target: '/things', headers: [['host', 'x']], body: Buffer.from('{"a":1}') };
const safe = {
  'x-request-id': '12345678',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-site',
  'content-type': 'application/json; charset=utf-8',
};
const reply = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: new Map(Object.entries({ ...safe, ...headers })),
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  closes: false,
});
const question = { operation, message, elsewhere: false, guarded: true };
const judge = (given: Reply) => faultsOf(question, given, refusalShapes([operation]));
const refused = (status: number, said = 'No.') => reply(status, { statusCode: status, message: said });

test('a documented success and a refusal in the dialect have nothing wrong with them', () => {
  expect(judge(reply(200, { id: '1' }))).toEqual([]);
  expect(judge(refused(400))).toEqual([]);
  expect(judge(refused(503))).not.toContain('answered 503');
});

test('a file is a success where the document knows its type, and nowhere else', () => {
  const file = reply(200, 'a,b\r\n', { 'content-type': 'text/csv; charset=utf-8' });
  const downloads = { ...question, operation: { ...operation, fileTypes: ['text/csv'] } };
  expect(faultsOf(downloads, file, refusalShapes([operation]))).toEqual([]);
  expect(judge(file)).toEqual(['a success that is no JSON']);
});

test('a dialect that says no number in its body, and names a field back that the caller made up, tells nothing', () => {
  const named = { type: 'object', properties: { fields: { type: 'object' } }, additionalProperties: false };
  const own = { ...operation, responses: { default: named } };
  const judgeNaming = (said: string) =>
    faultsOf(
      { ...question, operation: own, message: { ...message, body: Buffer.from(said) } },
      reply(400, { fields: { passwordHash: 'There is no such field' } }),
      refusalShapes([own]),
    );
  expect(judgeNaming('{"passwordHash":"x"}')).toEqual([]);
  expect(judgeNaming('{"a":1}')).toEqual(['tells the name of a secret']);
});

describe('a fault is seen:', () => {
  test.each([
    ['a 500', refused(500), /answered 500/],
    ['a 502', refused(502), /answered 502/],
    ['a success that is not documented', reply(202, { id: '1' }), /202, which is not documented/],
    ['a field that its schema does not have', reply(200, { id: '1', passwordHash: 'x' }), /schema does not allow/],
    ['a field that is missing', reply(200, {}), /schema does not allow/],
    ['a refusal in another shape', reply(400, { error: 'no' }), /not shop's/],
    ['a refusal that is a page', reply(400, '<html>', { 'content-type': 'text/html' }), /not as JSON/],
    ['another status in the body', reply(404, { statusCode: 400, message: 'No.' }), /says 400 in the body of a 404/],
    ['a 429 that does not say when', refused(429), /without a Retry-After/],
    ['a stack', refused(400, 'Error: x\n    at foo (/srv/app/a.js:1:2)'), /a stack/],
    ['SQL', refused(400, 'syntax error at or near "x"'), /tells SQL/],
    ["an error of the runtime's", refused(400, 'connect ECONNREFUSED'), /an error of the runtime/],
    ['a header that is missing', reply(200, { id: '1' }, { 'x-content-type-options': '' }), /lacks the header/],
    ['a header that tells what runs', reply(200, { id: '1' }, { server: 'x' }), /what runs behind/],
  ])('%s', (_, given, fault) => {
    expect(judge(given).join('; ')).toMatch(fault);
  });

  test('a body that the document forbids is taken', () => {
    const taken = (body: string, headers = message.headers) =>
      acceptanceFault(
        { ...question, message: { ...message, headers, body: Buffer.from(body) } },
        reply(200, { id: '1' }),
      );
    expect(taken('{"a":1}')).toBeUndefined();
    expect(taken('{"a":"1"}')).toMatch(/forbids/);
    expect(taken('{"a":1,"role":"operator"}')).toMatch(/forbids/);
    expect(taken('')).toBeUndefined();
    const inChunks: Header[] = [['transfer-encoding', 'chunked']];
    expect(taken('0\r\n\r\n', inChunks)).toBeUndefined();
    expect(taken('4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n', inChunks)).toBeUndefined();
    expect(taken('4\r\n{"a"\r\n5\r\n:"1"}\r\n0\r\n\r\n', inChunks)).toMatch(/forbids/);
  });
});

test('apps hear of what is not there without a word, and of everything else in the words of their table', () => {
  const app: Operation = { ...operation, dialect: 'mobile' };
  const judge = (answer: Reply) =>
    faultsOf({ operation: app, message, elsewhere: false, guarded: true }, answer, refusalShapes([app]));
  for (const status of [404, 503]) expect(judge(reply(status, '', { 'cache-control': 'no-store' }))).toEqual([]);
  const refusal = { statusCode: 400, message: 'no' };
  expect(judge(reply(400, refusal))).toEqual([]);
  expect(judge(reply(400, ''))).not.toEqual([]);
  expect(judge(reply(409, { ...refusal, statusCode: 409 }))).toEqual([
    'answers 409 with a body, which apps do not read',
  ]);
});
