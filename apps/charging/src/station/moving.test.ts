import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { type Dialled, dial, openStand, type Stand } from '../../test/stand.ts';
import { askStation } from './asking.ts';
import { endForgottenCommands } from './command-store.ts';
import { createComparison } from './presence.ts';
import { leaveOrphans } from './presence-store.ts';
import type { Wish } from './wish.ts';

const reset: Wish = { action: 'reset', kind: 'soft' };
const deadlineMs = 10_000;

interface CommandRow {
  readonly action: string;
  readonly payload: unknown;
  readonly outcome: string;
  readonly answer: unknown;
  readonly endedAt: Date | null;
  readonly operatorId: string | null;
}

const commandsOf = (stand: Stand, stationId: string) =>
  stand.runtime.database.$queryRaw<CommandRow[]>`
    SELECT action, payload, outcome, answer, ended_at AS "endedAt", operator_id AS "operatorId"
    FROM command WHERE station_id = ${stationId} ORDER BY id`;

const isClosed = ({ socket }: Dialled) => socket.readyState === socket.CLOSED;

describe('asking a station', () => {
  test('works from the process that has it and from any other, and is written down with what came of it', async () => {
    const stand = await openStand();
    const second = await stand.secondProcess();
    const { id, identity } = await stand.station();
    const station = dial(stand.port, identity);
    await station.outcome;
    station.answer = (action, payload) => ({ did: action, ...payload });
    for (const deps of [stand.deps, second.deps]) {
      const asked = await askStation(deps, id, reset, { deadlineMs, operatorId: '65f1a2b3c4d5e6f708192a3b' });
      expect(asked).toMatchObject({ outcome: 'accepted', answer: { did: 'reset', kind: 'soft' } });
    }
    expect(await commandsOf(stand, id)).toEqual([
      {
        action: 'reset',
        payload: { kind: 'soft' },
        outcome: 'accepted',
        answer: { did: 'reset', kind: 'soft' },
        endedAt: expect.any(Date),
        operatorId: '65f1a2b3c4d5e6f708192a3b',
      },
      expect.objectContaining({ outcome: 'accepted' }),
    ]);
  });

  test('a station that nobody has is offline at once, and so is one whose process is gone', async () => {
    const stand = await openStand();
    const { id } = await stand.station();
    expect(await askStation(stand.deps, id, reset, { deadlineMs })).toMatchObject({ outcome: 'offline' });
    await stand.runtime.database.$executeRaw`UPDATE station SET instance = 'gone' WHERE id = ${id}`;
    expect(await askStation(stand.deps, id, reset, { deadlineMs })).toMatchObject({ outcome: 'offline' });
    expect(await askStation(stand.deps, 'unknown', reset, { deadlineMs })).toMatchObject({ outcome: 'offline' });
    expect((await commandsOf(stand, id)).map(({ outcome }) => outcome)).toEqual(['offline', 'offline']);
  });

  test('one that does not answer is a timeout, here and from afar, and stays one when it answers late', async () => {
    const stand = await openStand();
    const second = await stand.secondProcess();
    const { id, identity } = await stand.station();
    const station = dial(stand.port, identity);
    await station.outcome;
    station.answer = () => undefined;
    for (const deps of [stand.deps, second.deps]) {
      expect(await askStation(deps, id, reset, { deadlineMs: 300 })).toMatchObject({ outcome: 'timeout' });
    }
    for (const [type, messageId] of station.heard) {
      if (type === 2) station.socket.send(JSON.stringify([3, messageId, { status: 'Accepted' }]));
    }
    station.answer = () => ({ status: 'Accepted' });
    expect(await askStation(stand.deps, id, reset, { deadlineMs })).toMatchObject({ outcome: 'accepted' });
    const outcomes = (await commandsOf(stand, id)).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['accepted', 'timeout', 'timeout']);
    expect(station.heard.filter(([type]) => type !== 2)).toEqual([]);
  });

  test('a line that breaks while it is asked leaves the outcome open', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const station = dial(stand.port, identity);
    await station.outcome;
    station.answer = () => {
      station.socket.terminate();
      return undefined;
    };
    expect(await askStation(stand.deps, id, reset, { deadlineMs })).toMatchObject({ outcome: 'timeout' });
  });

  test('what a station was not told yet when its line broke, it is told over the next one', async () => {
    const stand = await openStand();
    const second = await stand.secondProcess();
    const { id, identity } = await stand.station();
    const old = dial(stand.port, identity);
    await old.outcome;
    old.answer = () => undefined;
    const told = askStation(stand.deps, id, reset, { deadlineMs });
    await until(() => old.heard.length === 1);
    const waiting = askStation(stand.deps, id, { action: 'unlock', connector: 1 }, { deadlineMs });
    await until(async () => (await commandsOf(stand, id)).length === 2);
    const fresh = dial(second.port, identity);
    fresh.answer = (action) => ({ did: action });
    await fresh.outcome;
    expect(await told).toMatchObject({ outcome: 'timeout' });
    expect(await waiting).toMatchObject({ outcome: 'accepted', answer: { did: 'unlock' } });
    expect(fresh.heard.map(([, , action]) => action)).toEqual(['unlock']);
  });

  test('a password is sent and nowhere kept', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const station = dial(stand.port, identity);
    await station.outcome;
    const wish: Wish = { action: 'setConfiguration', key: 'AuthorizationKey', value: 'a very secret password' };
    await askStation(stand.deps, id, wish, { deadlineMs });
    expect(JSON.stringify(station.heard)).toContain('a very secret password');
    await until(async () => (await framesOf(stand, id)).length >= 2);
    const kept = JSON.stringify([await framesOf(stand, id), await commandsOf(stand, id), stand.runtime.logged]);
    expect(kept).toContain('AuthorizationKey');
    expect(kept).not.toContain('a very secret password');
  });
});

const framesOf = (stand: Stand, id: string) =>
  stand.runtime.database.$queryRaw<{ direction: string; text: string }[]>`
    SELECT direction, text FROM frame WHERE station_id = ${id} ORDER BY at, seq`;

describe('a newer connection', () => {
  test('replaces the old one at once, and the end of that one marks nobody offline', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const old = dial(stand.port, identity);
    await old.outcome;
    const fresh = dial(stand.port, identity);
    await fresh.outcome;
    expect(await old.closed).toBe(4000);
    expect(await fresh.call('Anything')).toEqual({ echo: {} });
    expect(await stand.row(id)).toMatchObject({
      generation: 2n,
      instance: stand.deps.lines.instance,
      disconnectedAt: null,
    });
    expect(await stand.stories(id, 'line.disconnected')).toEqual([]);
    fresh.socket.close(1000);
    await until(async () => (await stand.row(id)).instance === null);
    expect(await stand.stories(id, 'line.disconnected')).toMatchObject([{ generation: '2', code: 1000 }]);
  });

  test('replaces the old one of another process, too', async () => {
    const stand = await openStand();
    const second = await stand.secondProcess();
    const { id, identity } = await stand.station();
    const old = dial(stand.port, identity);
    await old.outcome;
    const fresh = dial(second.port, identity);
    await fresh.outcome;
    expect(await old.closed).toBe(4000);
    await until(() => stand.deps.lines.size === 0);
    expect(await stand.row(id)).toMatchObject({
      generation: 2n,
      instance: second.deps.lines.instance,
      disconnectedAt: null,
    });
    fresh.answer = () => ({ at: 'the second' });
    expect(await askStation(stand.deps, id, reset, { deadlineMs })).toMatchObject({ answer: { at: 'the second' } });
  });

  test('is found out when the word about it was lost', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const old = dial(stand.port, identity);
    await old.outcome;
    await stand.runtime.database.$executeRaw`UPDATE station SET generation = 7, instance = 'another' WHERE id = ${id}`;
    await createComparison({ ...stand.deps, holding: { leave: () => {} } })();
    expect(await old.closed).toBe(4000);
    await until(() => stand.deps.lines.size === 0);
    expect(await stand.row(id)).toMatchObject({ generation: 7n, instance: 'another' });
  });

  test('a station that moves to and fro while it is asked does nothing twice', async () => {
    const stand = await openStand();
    const second = await stand.secondProcess();
    const { id, identity } = await stand.station();
    const done: unknown[] = [];
    const lines: Dialled[] = [];
    const flap = async (port: number) => {
      const line = dial(port, identity);
      line.answer = (_action, payload) => {
        done.push(payload.remoteStartId);
        return { status: 'Accepted' };
      };
      lines.push(line);
      await line.outcome;
    };
    await flap(stand.port);
    const asked: Promise<{ outcome: string }>[] = [];
    for (let n = 1; n <= 60; n += 1) {
      const deps = n % 3 === 0 ? second.deps : stand.deps;
      const wish: Wish = { action: 'remoteStart', connector: 1, idToken: 'T', remoteStartId: n };
      asked.push(askStation(deps, id, wish, { deadlineMs: 2_000 }));
      if (n % 2 === 0) await flap(n % 4 === 0 ? stand.port : second.port);
    }
    const outcomes = await Promise.all(asked);
    expect(new Set(done).size).toBe(done.length);
    for (const [index, { outcome }] of outcomes.entries()) {
      if (outcome === 'accepted') expect(done).toContain(index + 1);
      // nobody says so of what the station was told
      if (outcome === 'offline' || outcome === 'failed') expect(done).not.toContain(index + 1);
    }
    await until(() => lines.filter((line) => !isClosed(line)).length === 1);
    expect(stand.deps.lines.size + second.deps.lines.size).toBe(1);
    expect(await askStation(second.deps, id, { ...reset }, { deadlineMs })).toMatchObject({ outcome: 'accepted' });
    expect((await stand.row(id)).generation).toBe(31n);
  });
});

describe('a process that dies', () => {
  test('says nothing; the others tell that its stations have lost their line', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const { id: lost } = await stand.station();
    await dial(stand.port, identity).outcome;
    const { database } = stand.runtime;
    await database.$executeRaw`UPDATE station SET instance = 'killed' WHERE id = ${lost}`;
    expect(await database.transaction((tx) => leaveOrphans(tx, stand.runtime.clock()))).toBe(1);
    expect(await stand.row(lost)).toMatchObject({ instance: null, disconnectedAt: stand.runtime.clock() });
    expect(await stand.stories(lost, 'line.disconnected')).toMatchObject([{ reason: 'its process is gone' }]);
    expect(await stand.row(id)).toMatchObject({ instance: stand.deps.lines.instance });
  });

  test('and was only slow takes its stations again, as long as no other has them', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const station = dial(stand.port, identity);
    await station.outcome;
    const { database } = stand.runtime;
    await database.$executeRaw`UPDATE station SET instance = NULL, disconnected_at = now() WHERE id = ${id}`;
    await createComparison({ ...stand.deps, holding: { leave: () => {} } })();
    expect(await stand.row(id)).toMatchObject({
      instance: stand.deps.lines.instance,
      disconnectedAt: null,
      generation: 1n,
    });
    expect(await station.call('Anything')).toEqual({ echo: {} });
  });

  test('leaves no command without an outcome', async () => {
    const stand = await openStand();
    const { id } = await stand.station();
    const { database, clock } = stand.runtime;
    await database.$executeRaw`
      INSERT INTO command (id, station_id, action, payload, outcome, asked_at, deadline_at)
      VALUES ('c1', ${id}, 'reset', '{}', 'pending', ${clock()}::timestamptz - interval '2 minutes', ${clock()}::timestamptz - interval '61 seconds'),
             ('c2', ${id}, 'reset', '{}', 'pending', ${clock()}::timestamptz, ${clock()}::timestamptz + interval '10 seconds')`;
    expect(await endForgottenCommands(database, clock())).toBe(1);
    expect((await commandsOf(stand, id)).map(({ outcome }) => outcome)).toEqual(['timeout', 'pending']);
  });
});

test('what is said to be here and is not is given up when it was seen twice', async () => {
  const stand = await openStand();
  const { id } = await stand.station();
  const { lines } = stand.deps;
  await stand.runtime.database
    .$executeRaw`UPDATE station SET instance = ${lines.instance}, generation = 3 WHERE id = ${id}`;
  const left: unknown[] = [];
  const compare = createComparison({ ...stand.deps, holding: { leave: (leave) => void left.push(leave) } });
  await compare();
  expect(left).toEqual([]);
  await compare();
  expect(left).toMatchObject([{ stationId: id, generation: 3n }]);
});

test.each([
  ['blocked', 1008],
  ['accepted', 1012],
] as const)('a station that is %s meanwhile hears of it, if only by the next look', async (status, code) => {
  const stand = await openStand();
  const { id, identity } = await stand.station({ status: status === 'blocked' ? 'accepted' : 'pending' });
  const station = dial(stand.port, identity);
  await station.outcome;
  await stand.runtime.database.$executeRaw`UPDATE station SET status = ${status} WHERE id = ${id}`;
  await createComparison({ ...stand.deps, holding: { leave: () => {} } })();
  expect(await station.closed).toBe(code);
});
