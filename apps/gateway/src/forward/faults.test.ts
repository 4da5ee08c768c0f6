import { expect, test } from 'vitest';
import { faultOf } from './faults.ts';

const failure = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall });

test.each([
  ['a connection that is refused', failure('ECONNREFUSED', 'connect'), 'unreached'],
  ['a machine that cannot be connected to', failure('ETIMEDOUT', 'connect'), 'unreached'],
  ['all addresses of a host', new AggregateError([failure('EHOSTUNREACH', 'connect')]), 'unreached'],
  ['a machine that goes while it works', failure('ETIMEDOUT', 'read'), 'lost'],
  ['a network that goes while it works', failure('EHOSTUNREACH', 'read'), 'lost'],
  ['a connection that breaks', failure('ECONNRESET', 'read'), 'lost'],
  ['an answer that does not come', failure('UND_ERR_HEADERS_TIMEOUT'), 'late'],
] as const)('%s: only what was surely not sent is for another process', (_, error, fault) => {
  expect(faultOf(error)).toBe(fault);
});
