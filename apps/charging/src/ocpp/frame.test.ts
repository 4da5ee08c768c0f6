import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallError, errorCodeOf, readFrame, writeCall, writeError, writeResult } from './frame.ts';

describe('a frame is read as what it is', () => {
  test.each([
    ['[2,"1","Heartbeat",{}]', { kind: 'call', id: '1', action: 'Heartbeat', payload: {} }],
    [' [2, "a", "DataTransfer", {"x": [1]}, "more"] ', { kind: 'call', action: 'DataTransfer', payload: { x: [1] } }],
    ['[3,"1",{"status":"Accepted"}]', { kind: 'result', id: '1', payload: { status: 'Accepted' } }],
    ['[3,"1"]', { kind: 'result', id: '1', payload: undefined }],
    [
      '[4,"1","GenericError","no",{"a":1}]',
      { kind: 'error', code: 'GenericError', description: 'no', details: { a: 1 } },
    ],
    ['[4,"1"]', { kind: 'error', code: '', description: '', details: {} }],
    ['[2,7,"Heartbeat",{}]', { kind: 'malformed', id: null, code: 'RpcFrameworkError' }],
    ['[2,"","Heartbeat",{}]', { kind: 'malformed', id: null, code: 'RpcFrameworkError' }],
    ['[2]', { kind: 'malformed', id: null, code: 'RpcFrameworkError' }],
    ['[2,"1"]', { kind: 'malformed', id: '1', code: 'FormatViolation' }],
    ['[2,"1","",{}]', { kind: 'malformed', id: '1', code: 'FormatViolation' }],
    ['[2,"1","Heartbeat"]', { kind: 'malformed', id: '1', code: 'FormatViolation' }],
    ['[2,"1","Heartbeat",null]', { kind: 'malformed', id: '1', code: 'FormatViolation' }],
    ['[2,"1","Heartbeat",[]]', { kind: 'malformed', id: '1', code: 'FormatViolation' }],
    ['[9,"1","Heartbeat",{}]', { kind: 'malformed', id: '1', code: 'MessageTypeNotSupported' }],
    ['[]', { kind: 'malformed', id: null, code: 'MessageTypeNotSupported' }],
    ['[3,5,{}]', { kind: 'unreadable' }],
    ['[4,null]', { kind: 'unreadable' }],
    ['{}', { kind: 'unreadable' }],
    ['', { kind: 'unreadable' }],
    ['[2,"1"', { kind: 'unreadable' }],
  ])('%s', (text, expected) => {
    expect(readFrame(text)).toMatchObject(expected);
  });
});

test.each([23, 24, 5_000, 60_000])(
  'what is nested %i deep is read, or refused; nothing runs out of stack',
  (levels) => {
    const frame = readFrame(`[2,"1","DataTransfer",${'{"a":'.repeat(levels)}"\\u0000"${'}'.repeat(levels)}]`);
    expect(frame.kind).toBe(levels === 23 ? 'call' : levels === 60_000 ? frame.kind : 'malformed');
    expect(JSON.stringify(frame).length).toBeLessThan(1_000);
    const answer = readFrame(`[3,"1",${'['.repeat(levels)}${']'.repeat(levels)}]`);
    expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  },
);

test('both spellings of a code are one code, whichever version a station speaks', () => {
  for (const code of ['OccurenceConstraintViolation', 'OccurrenceConstraintViolation']) {
    expect(readFrame(`[4,"1","${code}","",{}]`)).toMatchObject({ code: 'OccurrenceConstraintViolation' });
  }
  expect(readFrame('[4,"1","FormationViolation","",{}]')).toMatchObject({ code: 'FormatViolation' });
});

test('each version is answered in its own spelling', () => {
  expect(errorCodeOf('ocpp1.6', 'FormatViolation')).toBe('FormationViolation');
  expect(errorCodeOf('ocpp1.6', 'OccurrenceConstraintViolation')).toBe('OccurenceConstraintViolation');
  expect(errorCodeOf('ocpp2.0.1', 'FormatViolation')).toBe('FormatViolation');
  expect(errorCodeOf('ocpp2.0.1', 'OccurrenceConstraintViolation')).toBe('OccurrenceConstraintViolation');
  expect(errorCodeOf('ocpp1.6', 'NotImplemented')).toBe('NotImplemented');
});

test('what no text column takes is replaced, in values and in names, and what only looks like it is left alone', () => {
  const frame = readFrame(
    String.raw`[2,"1","DataTransfer",{"a\u0000b":"c\uD800d","e":[{"f":"\u0000"}],"g":"\\u0000 \u00e9"}]`,
  );
  expect(frame).toMatchObject({ payload: { 'a\uFFFDb': 'c\uFFFDd', e: [{ f: '\uFFFD' }], g: '\\u0000 é' } });
});

test('a whole pair of surrogates is a character and stays one', () => {
  expect(readFrame(String.raw`[2,"1","DataTransfer",{"a":"\uD83D\uDE00"}]`)).toMatchObject({ payload: { a: '😀' } });
});

test('whatever arrives is read without a failure, and what could be kept is storable', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.array(fc.jsonValue({ stringUnit: 'binary' }), { maxLength: 5 }).map((parts) => JSON.stringify(parts)),
    fc
      .tuple(
        fc.constantFrom(2, 3, 4, 5, '2', null),
        fc.jsonValue({ stringUnit: 'binary' }),
        fc.jsonValue(),
        fc.jsonValue(),
      )
      .map((parts) => JSON.stringify(parts)),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const frame = readFrame(text);
      const kept = JSON.stringify(frame);
      expect(kept).not.toMatch(/\\u0000|\\ud[89a-f]/i);
    }),
    { numRuns: 500 },
  );
});

test('what is written is read as what it was', () => {
  expect(readFrame(writeCall('1', 'Reset', { type: 'Soft' }))).toEqual({
    kind: 'call',
    id: '1',
    action: 'Reset',
    payload: { type: 'Soft' },
  });
  expect(readFrame(writeResult('1', { a: 1 }))).toEqual({ kind: 'result', id: '1', payload: { a: 1 } });
  const refusal = new CallError('NotImplemented', 'x'.repeat(300), { a: 1 });
  expect(JSON.parse(writeError('ocpp1.6', '1', refusal))).toEqual([
    4,
    '1',
    'NotImplemented',
    'x'.repeat(255),
    { a: 1 },
  ]);
});
