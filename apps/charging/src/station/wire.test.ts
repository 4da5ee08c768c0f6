import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '@forecourt/testing';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { dial, openStand, type Stand, stationPassword } from '../../test/stand.ts';
import { createFrameLog } from './frame-log.ts';

const framesOf = (stand: Stand, id: string) =>
  stand.runtime.database.$queryRaw<{ direction: string; text: string }[]>`
    SELECT direction, text FROM frame WHERE station_id = ${id} ORDER BY at, seq`;

describe('what goes over the wire', () => {
  test('is kept as it was, in its order, both ways', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const station = dial(stand.port, identity);
    await station.outcome;
    station.socket.send('no message at all \0');
    await station.call('Nonsense', { n: 1 });
    const frames = await until(async () => {
      const found = await framesOf(stand, id);
      return found.length === 3 && found;
    });
    expect(frames).toEqual([
      { direction: 'in', text: 'no message at all \uFFFD' },
      { direction: 'in', text: expect.stringMatching(/^\[2,"\d+","Nonsense",\{"n":1\}\]$/) },
      {
        direction: 'out',
        text: expect.stringMatching(/^\[4,"\d+","NotImplemented","There is no such action\.",\{\}\]$/),
      },
    ]);
  });

  test('that is too much at once for the log is dropped and counted, and nothing waits for it', async () => {
    const stand = await openStand();
    const { database, clock, log } = stand.runtime;
    let lost = 0;
    const frames = createFrameLog({
      database,
      clock,
      log,
      lost: (count) => {
        lost += count;
      },
    });
    for (let n = 0; n < 20_010; n += 1) frames.note('s', 'in', `${n}`);
    expect(lost).toBe(10);
    await frames.flush();
    // A round of its own may still be writing its part.
    await until(async () => {
      const [row] = await database.$queryRaw<{ count: bigint }[]>`SELECT count(*) FROM frame WHERE station_id = 's'`;
      return row?.count === 20_000n;
    });
    for (let n = 0; n < 600; n += 1) frames.note('long', 'in', 'x'.repeat(32_000));
    expect(lost).toBe(110);
    await frames.close();
  });

  test('a frame that is too large ends its own line, and no other', async () => {
    const stand = await openStand();
    const [one, two] = [await stand.station(), await stand.station()];
    const [large, other] = [dial(stand.port, one.identity), dial(stand.port, two.identity)];
    await Promise.all([large.outcome, other.outcome]);
    large.socket.send(JSON.stringify([2, '1', 'DataTransfer', { data: 'x'.repeat(300_000) }]));
    expect(await large.closed).toBe(1009);
    expect(await other.call('Anything')).toEqual({ echo: {} });
  });

  test('is never compressed, whatever a station offers', async () => {
    const stand = await openStand();
    const { identity } = await stand.station();
    const credentials = Buffer.from(`${identity}:${stationPassword}`).toString('base64');
    const socket = new WebSocket(`ws://127.0.0.1:${stand.port}/ocpp/${identity}`, ['ocpp1.6'], {
      headers: { authorization: `Basic ${credentials}` },
      perMessageDeflate: true,
    });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
  });

  test('who is silent is asked for a sign of life, and who gives none is let go', async () => {
    const stand = await openStand({ STATION_PING_SECONDS: '1' });
    const [one, two] = [await stand.station(), await stand.station()];
    const alive = dial(stand.port, one.identity);
    await alive.outcome;
    const dead = connect(stand.port, '127.0.0.1');
    onTestFinished(() => void dead.destroy());
    const credentials = Buffer.from(`${two.identity}:${stationPassword}`).toString('base64');
    dead.write(
      `GET /ocpp/${two.identity} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: ocpp1.6\r\nauthorization: Basic ${credentials}\r\n\r\n`,
    );
    await until(() => stand.deps.lines.size === 2);
    await until(() => stand.deps.lines.size === 1, { timeoutMs: 10_000 });
    expect(stand.deps.lines.find(one.id)?.isOpen).toBe(true);
    await until(async () => (await stand.row(two.id)).disconnectedAt !== null);
  });
});

describe('a process that closes', () => {
  test('finishes what a station is being answered, tells all to come again, and writes down that they are gone', async () => {
    const stand = await openStand();
    const stations = await Promise.all(Array.from({ length: 5 }, () => stand.station()));
    const lines = stations.map(({ identity }) => dial(stand.port, identity));
    await Promise.all(lines.map(({ outcome }) => outcome));
    const gate = Promise.withResolvers<void>();
    stand.doors['ocpp1.6'].before = () => gate.promise;
    const answer = lines[0]?.call('StopTransaction', { n: 1 });
    await until(() => stand.doors['ocpp1.6'].handled.length === 1);
    const closing = stand.app.close();
    await until(() => lines.slice(1).every(({ socket }) => socket.readyState >= socket.CLOSING));
    expect(lines[0]?.socket.readyState).toBe(WebSocket.OPEN);
    gate.resolve();
    expect(await answer).toEqual({ echo: { n: 1 } });
    expect(await Promise.all(lines.map(({ closed }) => closed))).toEqual([1012, 1012, 1012, 1012, 1012]);
    await closing;
    for (const { id } of stations) expect(await stand.row(id)).toMatchObject({ instance: null });
    const { database } = stand.runtime;
    expect(await database.$queryRaw`SELECT id FROM instance WHERE id = ${stand.deps.lines.instance}`).toEqual([]);
    expect((await framesOf(stand, stations[0]?.id as string)).length).toBe(2);
  });

  test('in the middle of a storm: who was about to come in is noted as gone, too', async () => {
    const stand = await openStand();
    const stations = await Promise.all(Array.from({ length: 5 }, () => stand.station()));
    const { transaction } = stand.deps.database;
    const gate = Promise.withResolvers<void>();
    let atTheGate = false;
    Object.assign(stand.deps.database, {
      transaction: async (work: Parameters<typeof transaction>[0]) => {
        atTheGate = true;
        await gate.promise;
        return transaction(work);
      },
    });
    const lines = stations.map(({ identity }) => dial(stand.port, identity));
    await until(() => atTheGate);
    const closing = stand.app.close();
    expect(await dial(stand.port, stations[0]?.identity as string).outcome).toBe(503);
    gate.resolve();
    await Promise.all(lines.map(({ closed }) => closed));
    await closing;
    expect(stand.deps.lines.size).toBe(0);
    const { database, logged } = stand.runtime;
    expect(await database.$queryRaw`SELECT id FROM station WHERE instance IS NOT NULL`).toEqual([]);
    expect(logged.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });

  test('takes nobody any more, whom another process has room for', async () => {
    const stand = await openStand({ STATION_DRAIN_SECONDS: '1' });
    const second = await stand.secondProcess();
    const stations = await Promise.all(Array.from({ length: 4 }, () => stand.station()));
    const lines = stations.map(({ identity }) => dial(stand.port, identity));
    await Promise.all(lines.map(({ outcome }) => outcome));
    const { identity } = await stand.station();
    const closing = stand.app.close();
    await until(() => lines.some(({ socket }) => socket.readyState >= socket.CLOSING));
    const refused = await dial(stand.port, identity).outcome.catch(() => 'nobody');
    expect(refused).not.toBe('open');
    const again = await Promise.all(
      lines.map(async (line, index) => {
        await line.closed;
        return dial(second.port, stations[index]?.identity as string).outcome;
      }),
    );
    expect(again).toEqual(['open', 'open', 'open', 'open']);
    await closing;
    expect(second.deps.lines.size).toBe(4);
    for (const { id } of stations) expect(await stand.row(id)).toMatchObject({ instance: second.deps.lines.instance });
  });
});

describe('nonsense', () => {
  test('in frames, text or bytes, ends no process and disturbs no other station', async () => {
    const stand = await openStand();
    const [one, two] = [await stand.station(), await stand.station()];
    const other = dial(stand.port, two.identity);
    await other.outcome;
    const frame = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json(),
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.constantFrom<unknown>(2, 3, 4, 5, null), fc.jsonValue(), fc.jsonValue(), fc.jsonValue())
        .map((parts) => JSON.stringify(parts)),
      fc.constantFrom('['.repeat(20_000), `[2,"1","DataTransfer",${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}]`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 15 }), async (frames) => {
        const station = dial(stand.port, one.identity);
        expect(await station.outcome).toBe('open');
        for (const text of frames) station.socket.send(text);
        station.socket.close();
        await station.closed;
      }),
      { numRuns: 25 },
    );
    expect(await other.call('Anything', { still: 'here' })).toEqual({ echo: { still: 'here' } });
    expect(stand.deps.lines.find(two.id)?.generation).toBe(1n);
    expect(stand.runtime.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('instead of WebSocket frames, and in upgrades, likewise', async () => {
    const stand = await openStand();
    const [one, two] = [await stand.station(), await stand.station()];
    const other = dial(stand.port, two.identity);
    await other.outcome;
    const credentials = Buffer.from(`${one.identity}:${stationPassword}`).toString('base64');
    const line = fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((text) => text.replaceAll(/[\r\n\0]/g, ''));
    const greeting = fc.record({
      path: fc.oneof(
        fc.constant(`/ocpp/${one.identity}`),
        line.map((text) => `/ocpp/${text.replaceAll(' ', '')}`),
      ),
      key: fc.oneof(fc.constant('dGhlIHNhbXBsZSBub25jZQ=='), line),
      protocol: fc.oneof(fc.constant('ocpp1.6'), line),
      authorization: fc.oneof(fc.constant(`Basic ${credentials}`), line),
      after: fc.uint8Array({ maxLength: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(greeting, async ({ path, key, protocol, authorization, after }) => {
        const socket = connect(stand.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.resume();
        socket.write(
          `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\nsec-websocket-protocol: ${protocol}\r\nauthorization: ${authorization}\r\n\r\n`,
        );
        socket.end(after);
        await once(socket, 'close');
      }),
      { numRuns: 60 },
    );
    expect(await other.call('Anything', { still: 'here' })).toEqual({ echo: { still: 'here' } });
    expect(stand.deps.lines.find(two.id)?.generation).toBe(1n);
    await until(() => stand.deps.lines.size === 1);
  });
});
