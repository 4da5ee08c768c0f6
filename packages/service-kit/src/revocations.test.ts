import { sessionRevoked } from '@forecourt/contracts';
import { streamOfEvent, subjectOf } from '@forecourt/messaging';
import { createTestNats, layCable, type TestNats, until } from '@forecourt/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { newObjectId } from './ids.ts';
import { followRevocations, type Revocations } from './revocations.ts';

const log = pino({ level: 'silent' });
let nats: TestNats;
const following: Revocations[] = [];

const addStream = () =>
  nats.manager.streams.add({
    name: streamOfEvent(nats.streamPrefix, sessionRevoked),
    subjects: [subjectOf(nats.streamPrefix, sessionRevoked)],
    allow_direct: true,
  });

function follow(options: { nats?: TestNats; trustMs?: number } = {}): Revocations {
  const revocations = followRevocations({ nats, clock: systemClock, log, proofEveryMs: 100, ...options });
  following.push(revocations);
  return revocations;
}

async function revoke(revokedAt = new Date()): Promise<string> {
  const sessionId = newObjectId(revokedAt);
  const data = { sessionId, version: 1, customerId: newObjectId(revokedAt), reason: 'logout', revokedAt } as const;
  await nats.jetstream.publish(
    subjectOf(nats.streamPrefix, sessionRevoked),
    JSON.stringify(sessionRevoked.data.encode(data)),
  );
  return sessionId;
}

beforeEach(async () => {
  nats = await createTestNats();
});

afterEach(async () => {
  for (const revocations of following.splice(0)) revocations.close();
  await nats.close();
});

const knows = (revocations: Revocations, sessionId: string) => until(() => revocations.isRevoked(sessionId));

test('a session that ended before the process began is known once it is ready', async () => {
  await addStream();
  const sessionId = await revoke();
  const revocations = follow();
  await until(() => isCurrent(revocations));
  expect(revocations.isRevoked(sessionId)).toBe(true);
  expect(revocations.isRevoked(newObjectId(new Date()))).toBe(false);
});

test('a session that ends now is known without being asked for', async () => {
  await addStream();
  const revocations = follow();
  await until(() => isCurrent(revocations));
  const sessionId = await revoke();
  await until(() => revocations.isRevoked(sessionId));
});

test('until identity has a stream nobody is vouched for', async () => {
  const revocations = follow();
  expect(() => revocations.isRevoked('s1')).toThrow(expect.objectContaining({ code: 'service_unavailable' }));
  expect(() => revocations.assertCurrent()).toThrow('not known');
  await addStream();
  await until(() => isCurrent(revocations));
});

test('a stream that was wiped and rebuilt is followed from its beginning, and nothing known is forgotten', async () => {
  await addStream();
  const revocations = follow();
  const [first, second] = [await revoke(), await revoke()];
  await knows(revocations, second);
  await nats.manager.streams.delete(streamOfEvent(nats.streamPrefix, sessionRevoked));
  await addStream();
  const third = await revoke();
  await until(() => revocations.isRevoked(third));
  expect(revocations.isRevoked(first)).toBe(true);
});

test('while the feed is away nobody is vouched for; when it is back, everything missed is known', async () => {
  await addStream();
  const cable = await layCable(nats.url);
  const remote = await createTestNats({ url: cable.url, streamPrefix: nats.streamPrefix });
  const revocations = follow({ nats: remote, trustMs: 500 });
  await until(() => isCurrent(revocations));
  cable.cut();
  const missed = await revoke();
  await until(() => !isCurrent(revocations));
  expect(() => revocations.isRevoked(missed)).toThrow(expect.objectContaining({ code: 'service_unavailable' }));
  cable.mend();
  await until(() => revocations.isRevoked(missed));
  revocations.close();
  await remote.connection.close();
  await cable.close();
});

test('an event that cannot be read stops nothing', async () => {
  await addStream();
  const revocations = follow();
  await nats.jetstream.publish(subjectOf(nats.streamPrefix, sessionRevoked), '{"sessionId":7}');
  await knows(revocations, await revoke());
});

function isCurrent(revocations: Revocations): boolean {
  try {
    revocations.assertCurrent();
    return true;
  } catch {
    return false;
  }
}
