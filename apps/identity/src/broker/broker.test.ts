import { describe, expect, test } from 'vitest';
import {
  type AppConnection,
  connectionsToEnd,
  hashOfPassword,
  judge,
  type KnownCredential,
  mostConnections,
  mostSubscriptions,
  permissionsFor,
} from './broker.ts';

const now = new Date('2026-02-19T12:00:00.000Z');
const known: KnownCredential = {
  passwordHash: hashOfPassword('right'),
  sessionId: 's',
  topic: `push.${'a'.repeat(22)}`,
  expiresAt: new Date(now.getTime() + 1),
  isOpen: true,
};

test.each([
  ['the right password', known, 'right', 'accepted'],
  ['another password', known, 'wrong', 'wrong_password'],
  ['no password', known, '', 'wrong_password'],
  ['nobody’s user', null, 'right', 'unknown'],
  ['nobody’s user and what hashes to nothing', null, '', 'unknown'],
  ['a session that has ended', { ...known, isOpen: false }, 'right', 'ended'],
  ['a wrong password for a session that has ended', { ...known, isOpen: false }, 'wrong', 'wrong_password'],
  ['a credential that ends now', { ...known, expiresAt: now }, 'right', 'ended'],
] as const)('%s', (_, credential, password, verdict) => {
  expect(judge(credential, password, now)).toBe(verdict);
});

test('an app may subscribe to its topic and below, publish nothing, and no answer opens a way', () => {
  expect(permissionsFor(known.topic)).toStrictEqual({
    sub: { allow: [known.topic, `${known.topic}.>`] },
    pub: { deny: ['>'] },
    subs: 8,
    payload: 1024,
    data: -1,
    allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
  });
});

test.each([
  '',
  '>',
  'push.>',
  'push.*',
  'push.short',
  `push.${'a'.repeat(22)}.>`,
  `push.${'a'.repeat(22)} >`,
  `x${known.topic}`,
])('nothing is permitted for %j, which is no topic', (topic) => {
  expect(() => permissionsFor(topic)).toThrow('one plain word');
});

describe('connections that end', () => {
  const connection = (id: number, wishes: Partial<AppConnection> = {}): AppConnection => ({
    id,
    serverId: 'N1',
    sessionId: 'open',
    since: new Date(now.getTime() + id),
    subscriptions: 2,
    ...wishes,
  });
  const ending = (connections: AppConnection[]) => connectionsToEnd(connections, new Set(['open'])).map(({ id }) => id);

  test('are all of a session that is not open', () => {
    expect(ending([connection(1), connection(2, { sessionId: 'over' }), connection(3, { sessionId: 'over' })])).toEqual(
      [2, 3],
    );
  });

  test('are the oldest where there are too many, by their start and not by their place or server', () => {
    const many = Array.from({ length: mostConnections }, (_, n) => connection(n + 10));
    const oldest = connection(99, { since: now, serverId: 'N2' });
    expect(ending([oldest, ...many])).toEqual([99]);
    expect(ending([...many, oldest])).toEqual([99]);
    expect(ending(many)).toEqual([]);
  });

  test('are those that subscribe to more than an app can use', () => {
    const subscriptions = mostSubscriptions;
    expect(ending([connection(1, { subscriptions }), connection(2, { subscriptions: subscriptions + 1 })])).toEqual([
      2,
    ]);
  });
});
