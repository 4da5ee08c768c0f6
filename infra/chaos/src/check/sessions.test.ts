import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../history.ts';
import { anOperation } from './made-up.ts';
import { type SessionMaterial, sessions, type TokenRow } from './sessions.ts';

const began = '2026-02-19T12:00:00.000Z';
const at = (ms: number) => new Date(Date.parse(began) + ms);
const aToken = (name: string, spentAt: Date | null = null, sessionId = 's1'): TokenRow => ({
  hash: createHash('sha256').update(name).digest('hex'),
  sessionId,
  spentAt,
});

const logout = anOperation({ kind: 'logout', startedAt: 990, endedAt: 1_000, about: { session: 's2' } });
const use = (startedAt: number, wishes: object = {}) =>
  anOperation({ kind: 'list-orders', startedAt, about: { session: 's2' }, ...wishes });
const refused = { outcome: 'fail', status: 401 };
const refresh = (token: string, successor: string, startedAt: number, wishes: object = {}) =>
  anOperation({
    kind: 'refresh',
    startedAt,
    about: { refreshToken: token },
    reply: JSON.stringify({ refreshToken: successor }),
    ...wishes,
  });
const aFault = (wishes: Partial<Fault>): Fault => ({
  id: 1,
  kind: 'broker-pause',
  target: 'nats',
  from: 900,
  to: 4_000,
  detail: '',
  ...wishes,
});

const material = (
  operations: SessionMaterial['history']['operations'],
  rest: Partial<SessionMaterial> = {},
  faults: Fault[] = [],
) => ({
  history: { began, operations, faults },
  sessions: [
    { id: 's1', endedAt: null },
    { id: 's2', endedAt: at(1_000) },
  ],
  tokens: [aToken('r0', at(100)), aToken('r1'), aToken('x', null, 's2')],
  ...rest,
});
const soundly = [logout, use(2_500, refused), refresh('r0', 'r1', 100)];
const violationsOf = (...args: Parameters<typeof material>) => sessions.judge(material(...args)).violations;

describe('the check of sessions', () => {
  test('passes a session that ended and one that goes on', () => {
    expect(violationsOf(soundly)).toEqual([]);
    expect(violationsOf([...soundly, use(1_900), refresh('r0', 'r1', 200), refresh('x', '', 1_100, refused)])).toEqual(
      [],
    );
  });

  test('passes what is excused: the word was on its way through something broken', () => {
    expect(violationsOf([...soundly, use(5_000)], {}, [aFault({})])).toEqual([]);
    expect(violationsOf([...soundly, use(5_000)], {}, [aFault({ kind: 'service-pause', target: 'orders-2' })])).toEqual(
      [],
    );
  });

  test('grants word of a logout as long as the slowest answer took just then, but not as long as the call itself', () => {
    const slow = anOperation({ kind: 'browse', startedAt: 1_100, endedAt: 3_000 });
    expect(violationsOf([...soundly, slow, use(2_500)])).toEqual([]);
    expect(violationsOf([...soundly, use(2_500, { endedAt: 9_000 })])).not.toEqual([]);
  });

  test('proves nothing without a logout', () => {
    expect(violationsOf([refresh('r0', 'r1', 100)])).toEqual(['saw no uses after a logout']);
  });

  test('passes whoever spent a token, though the table says that it was long ago', () => {
    const aged = { tokens: [aToken('r0', at(-60_000)), aToken('r1'), aToken('x', null, 's2')] };
    expect(violationsOf(soundly, aged)).toEqual([]);
  });

  test('passes a token that was stolen, when its family ended', () => {
    const ended = {
      sessions: [
        { id: 's1', endedAt: at(40_000) },
        { id: 's3', endedAt: null },
      ],
      tokens: [aToken('r0', at(100)), aToken('r1'), aToken('y', null, 's3')],
    };
    expect(violationsOf([...soundly, refresh('r0', '', 40_000, refused)], ended)).toEqual([]);
  });

  test.each<[string, Parameters<typeof material>, RegExp]>([
    ['a token that works on', [[...soundly, use(2_100)]], /was answered 1100 ms after the logout of s2/],
    [
      'a token that works on while something else is broken',
      [[...soundly, use(2_100)], {}, [aFault({ kind: 'service-kill', target: 'catalog' })]],
      /after the logout/,
    ],
    [
      'a token that works on though the fault was long ago',
      [[...soundly, use(2_100)], {}, [aFault({ from: -9_000, to: -8_000 })]],
      /after the logout/,
    ],
    [
      'a token that works on for longer than a feed is trusted',
      [[...soundly, use(33_000)], {}, [aFault({ to: 90_000 })]],
      /after the logout/,
    ],
    [
      'a refresh after the logout',
      [
        [...soundly, refresh('x', 'x1', 1_500)],
        { tokens: [aToken('r0', at(100)), aToken('r1'), aToken('x', at(1_500), 's2'), aToken('x1', null, 's2')] },
      ],
      /refresh \d+ was answered after the logout/,
    ],
    ['two successors', [[...soundly, refresh('r0', 'r2', 300)]], /was followed by 2/],
    [
      'a successor of another family',
      [soundly, { tokens: [aToken('r0', at(100)), aToken('r1', null, 's2'), aToken('r9')] }],
      /is not of its family/,
    ],
    ['a family with two ends', [soundly, { tokens: [aToken('r0'), aToken('r1')] }], /s1 has 2 refresh tokens/],
    [
      'a family without an end',
      [soundly, { tokens: [aToken('r0', at(100)), aToken('r1', at(200))] }],
      /s1 has 0 refresh tokens/,
    ],
    ['a spent token that is taken', [[...soundly, refresh('r0', 'r1', 40_000)]], /used a token spent 39900 ms before/],
    ['a family that outlives a theft', [[...soundly, refresh('r0', '', 40_000, refused)]], /and s1 lives on/],
  ])('sees %s', (_, wrong, sentence) => {
    expect(violationsOf(...wrong)).toContainEqual(expect.stringMatching(sentence));
  });
});
