import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '@forecourt/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dial, openStand, stationPassword } from '../../test/stand.ts';
import { hashOf } from './password.ts';

const raw = async (port: number, text: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (data) => {
    answer += String(data);
  });
  socket.end(text);
  await once(socket, 'close');
  return answer;
};

const upgrade = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: ocpp1.6\r\n${more}\r\n`;

describe('who may come in', () => {
  test('a station with its password, in the version of its choice, and it is known who has it', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const station = dial(stand.port, identity, { protocols: ['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'] });
    expect(await station.outcome).toBe('open');
    expect(station.socket.protocol).toBe('ocpp2.0.1');
    expect(await stand.row(id)).toMatchObject({
      instance: stand.deps.lines.instance,
      generation: 1n,
      protocol: 'ocpp2.0.1',
      disconnectedAt: null,
    });
    expect(await station.call('Anything', { n: 1 })).toEqual({ echo: { n: 1 } });
    expect(stand.doors['ocpp2.0.1'].greeted).toMatchObject([{ stationId: id, identity, generation: 1n }]);
    expect(await stand.stories(id, 'line.connected')).toMatchObject([{ protocol: 'ocpp2.0.1', address: '127.0.0.1' }]);
  });

  test('the version is named as the station spells it', async () => {
    const stand = await openStand();
    const { identity } = await stand.station();
    const station = dial(stand.port, identity, { protocols: ['OCPP1.6'] });
    expect(await station.outcome).toBe('open');
    expect(station.socket.protocol).toBe('OCPP1.6');
    expect(await station.call('Anything')).toEqual({ echo: {} });
  });

  test('it may come back in another version', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    expect(await dial(stand.port, identity).outcome).toBe('open');
    const again = dial(stand.port, identity, { protocols: ['ocpp2.0.1'] });
    expect(await again.outcome).toBe('open');
    expect(await again.call('Anything')).toEqual({ echo: {} });
    expect(stand.doors['ocpp2.0.1'].handled).toHaveLength(1);
    expect(await stand.row(id)).toMatchObject({ protocol: 'ocpp2.0.1', generation: 2n });
  });

  test('nobody else: 401 for a wrong password and for none, 404 unknown, 403 blocked, 400 unreadable', async () => {
    const stand = await openStand();
    const { identity } = await stand.station();
    const blocked = await stand.station({ status: 'blocked' });
    const wrong = dial(stand.port, identity, { password: 'something else entirely' });
    expect(await wrong.outcome).toBe(401);
    expect(await wrong.refusal).toMatchObject({ 'www-authenticate': 'Basic realm="ocpp"' });
    expect(await dial(stand.port, identity, { password: null }).outcome).toBe(401);
    expect(await dial(stand.port, 'nobody').outcome).toBe(404);
    expect(await dial(stand.port, blocked.identity).outcome).toBe(403);
    expect(await dial(stand.port, blocked.identity, { password: 'something else entirely' }).outcome).toBe(401);
    expect(await dial(stand.port, identity, { path: '/ocpp/%E0%A4%A' }).outcome).toBe(400);
    expect(await dial(stand.port, identity, { path: '/ocpp/a%00b' }).outcome).toBe(400);
    expect(stand.deps.lines.size).toBe(0);
    expect(await dial(stand.port, identity).outcome).toBe('open');
  });

  test('not over a page of another origin, unless it is listed', async () => {
    const stand = await openStand({ STATION_ORIGINS: 'https://sim.example, https://other.example' });
    const { identity } = await stand.station();
    const from = (origin: string) => dial(stand.port, identity, { headers: { origin } }).outcome;
    expect(await from('https://evil.example')).toBe(403);
    expect(await from('https://sim.example')).toBe('open');
    expect(await from(`http://127.0.0.1:${stand.port}`)).toBe('open');
  });

  test('paths that are no station’s are ordinary requests, upgrade or not', async () => {
    const stand = await openStand();
    for (const path of ['/', '/ocpp', '/ocpp/', '/ocpp/a/b', '/health/live/x']) {
      expect(await raw(stand.port, upgrade(path, 'connection: close\r\n'))).toMatch(/^HTTP\/1\.1 404 /);
    }
  });

  test('upgrades that are none are refused, and leave no station behind', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const credentials = Buffer.from(`${identity}:${stationPassword}`).toString('base64');
    const bad = upgrade(`/ocpp/${identity}`, `authorization: Basic ${credentials}\r\n`).replace('13', '7');
    expect(await raw(stand.port, bad)).toMatch(/^HTTP\/1\.1 400 /);
    await until(async () => (await stand.row(id)).instance === null);
    expect(stand.deps.lines.size).toBe(0);
  });

  test.each([[[]], [['ocpp1.5']], [['mqtt', 'ocpp2.1']]])(
    'without a version in common (%j) the handshake is completed and the line closed; it replaces nobody',
    async (protocols) => {
      const stand = await openStand();
      const { id, identity } = await stand.station();
      const here = dial(stand.port, identity);
      await here.outcome;
      const other = dial(stand.port, identity, { protocols });
      expect(await Promise.race([other.closed, other.outcome.then(() => other.closed)])).toBeTypeOf('number');
      expect(other.heard).toEqual([]);
      expect(await here.call('Anything')).toEqual({ echo: {} });
      expect(await stand.row(id)).toMatchObject({ generation: 1n });
    },
  );

  test('no more than a process has room for', async () => {
    const stand = await openStand({ STATIONS_MOST: '1' });
    const [one, two] = [await stand.station(), await stand.station()];
    expect(await dial(stand.port, one.identity).outcome).toBe('open');
    const turnedAway = dial(stand.port, two.identity);
    expect(await turnedAway.outcome).toBe(503);
    expect(await turnedAway.refusal).toMatchObject({ 'retry-after': '60' });
  });

  test('a port for stations alone takes them and nothing else', async () => {
    const stand = await openStand({ OCPP_PORT: '0' });
    const { identity } = await stand.station();
    const port = stand.ocppPort as number;
    expect(await dial(port, identity).outcome).toBe('open');
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(426);
  });
});

describe('guessing', () => {
  test('ten wrong passwords of a station from one address are the last for a while, and nobody else pays', async () => {
    const stand = await openStand({ TRUSTED_PROXIES: '1' });
    const [one, two] = [await stand.station(), await stand.station()];
    const from = (address: string, identity: string, password?: string) =>
      dial(stand.port, identity, {
        headers: { 'x-forwarded-for': address },
        ...(password !== undefined && { password }),
      });
    for (let n = 0; n < 10; n += 1)
      expect(await from('10.0.0.1', one.identity, `guess ${n} of many`).outcome).toBe(401);
    const right = from('10.0.0.1', one.identity);
    expect(await right.outcome).toBe(429);
    expect(Number((await right.refusal)['retry-after'])).toBeGreaterThan(0);
    expect(await from('10.0.0.2', one.identity).outcome).toBe('open');
    expect(await from('10.0.0.1', two.identity).outcome).toBe('open');
  });
});

describe('a station that nobody has entered', () => {
  test('waits for a yes when the setting allows, may introduce itself and nothing else, and keeps its name', async () => {
    const stand = await openStand({ STATIONS_UNKNOWN: 'pending' });
    const newcomer = dial(stand.port, 'NEW-1', { password: 'its own password, of the factory' });
    expect(await newcomer.outcome).toBe('open');
    expect(await newcomer.call('BootNotification', { a: 1 })).toEqual({ echo: { a: 1 } });
    expect(await newcomer.call('StartTransaction')).toBe('SecurityError');
    expect(stand.doors['ocpp1.6'].handled.map(({ action }) => action)).toEqual(['BootNotification']);
    expect(await dial(stand.port, 'NEW-1', { password: 'the password of another one' }).outcome).toBe(401);
    const rows = await stand.runtime.database.$queryRaw`SELECT identity, status FROM station`;
    expect(rows).toEqual([{ identity: 'NEW-1', status: 'pending' }]);
  });

  test('is told to come again when an operator says yes, and is a whole station then', async () => {
    const stand = await openStand({ STATIONS_UNKNOWN: 'pending' });
    const newcomer = dial(stand.port, 'NEW-1');
    await newcomer.outcome;
    const [connection] = stand.doors['ocpp1.6'].greeted;
    const { stationId } = connection as { stationId: string };
    await stand.runtime.database.$executeRaw`UPDATE station SET status = 'accepted' WHERE id = ${stationId}`;
    const holder = { instance: stand.deps.lines.instance, generation: 1n };
    await stand.deps.lines.disconnect(holder, stationId, 'accepted');
    expect(await newcomer.closed).toBe(1012);
    const again = dial(stand.port, 'NEW-1');
    await again.outcome;
    expect(await again.call('StartTransaction')).toEqual({ echo: {} });
  });
});

describe('passwords', () => {
  test('that a station has been told to use end the old one when it first comes with them', async () => {
    const stand = await openStand();
    const { id, identity } = await stand.station();
    const next = hashOf(stand.deps.stationSettings.secret, id, 'the password from now on');
    await stand.runtime.database.$executeRaw`UPDATE station SET next_password_hash = ${next} WHERE id = ${id}`;
    expect(await dial(stand.port, identity).outcome).toBe('open');
    expect(await stand.row(id)).toMatchObject({ nextPasswordHash: next });
    expect(await dial(stand.port, identity, { password: 'the password from now on' }).outcome).toBe('open');
    expect(await stand.row(id)).toMatchObject({ passwordHash: next, nextPasswordHash: null });
    expect(await dial(stand.port, identity).outcome).toBe(401);
  });

  test('may be bytes, of which the hex was entered', async () => {
    const stand = await openStand();
    const hex = '00ff10a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8';
    const { identity } = await stand.station({ password: hex });
    expect(await dial(stand.port, identity, { password: Buffer.from(hex, 'hex') }).outcome).toBe('open');
  });
});

describe('a certificate', () => {
  const header = 'x-forwarded-client-cert';

  test('that a trusted proxy has verified stands for a password, for its own name alone', async () => {
    const stand = await openStand({ STATION_CERTIFICATE_HEADER: header, TRUSTED_PROXIES: '1' });
    const { identity } = await stand.station({ password: null });
    const bringing = (subject: string) =>
      dial(stand.port, identity, { password: null, headers: { [header]: subject } });
    expect(await bringing(`Subject="CN=${identity},O=Operator"`).outcome).toBe('open');
    expect(await bringing('Subject="CN=another"').outcome).toBe(401);
  });

  test('that a stranger tells of is worth nothing', async () => {
    const stand = await openStand({ STATION_CERTIFICATE_HEADER: header });
    const { identity } = await stand.station({ password: null });
    const stranger = dial(stand.port, identity, { password: null, headers: { [header]: `CN=${identity}` } });
    expect(await stranger.outcome).toBe(401);
  });
});

test('what a station says together with its handshake is not lost', async () => {
  const stand = await openStand();
  const { identity } = await stand.station();
  const credentials = Buffer.from(`${identity}:${stationPassword}`).toString('base64');
  const socket = connect(stand.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const text = Buffer.from('[2,"1","BootNotification",{}]');
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
  socket.write(
    Buffer.concat([Buffer.from(upgrade(`/ocpp/${identity}`, `authorization: Basic ${credentials}\r\n`)), frame]),
  );
  await until(() => stand.doors['ocpp1.6'].handled.some(({ action }) => action === 'BootNotification'));
});

test('the order of a station holds over a line that broke: what the old one still has at work comes first', async () => {
  const stand = await openStand();
  const { id, identity } = await stand.station();
  const door = stand.doors['ocpp1.6'];
  const gate = Promise.withResolvers<void>();
  door.before = (_action, { n }) => (n === 1 ? gate.promise : Promise.resolve());
  const old = dial(stand.port, identity);
  await old.outcome;
  old.socket.send('[2,"1","MeterValues",{"n":1}]');
  await until(() => door.handled.length === 1);
  old.socket.terminate();
  const fresh = dial(stand.port, identity);
  await fresh.outcome;
  const stopped = fresh.call('StopTransaction', { n: 2 });
  await until(async () => {
    const frames = await stand.runtime.database
      .$queryRaw`SELECT FROM frame WHERE station_id = ${id} AND direction = 'in'`;
    return (frames as unknown[]).length === 2;
  });
  expect(door.handled).toHaveLength(1);
  gate.resolve();
  expect(await stopped).toEqual({ echo: { n: 2 } });
});

test('a storm: all come in, and one that knocks several times at once has one line, its newest', async () => {
  const stand = await openStand();
  const stations = await Promise.all(Array.from({ length: 60 }, () => stand.station()));
  const lines = stations.map(({ identity }) => dial(stand.port, identity));
  const { id, identity } = await stand.station();
  const several = Array.from({ length: 5 }, () => dial(stand.port, identity));
  expect(await Promise.all(lines.map(({ outcome }) => outcome))).toEqual(lines.map(() => 'open'));
  await Promise.all(several.map(({ outcome }) => outcome));
  await until(() => several.filter(({ socket }) => socket.readyState === socket.OPEN).length === 1);
  const left = several.find(({ socket }) => socket.readyState === socket.OPEN);
  expect(await left?.call('Anything')).toEqual({ echo: {} });
  expect(stand.deps.lines.size).toBe(61);
  expect(stand.deps.lines.find(id)?.generation).toBe(5n);
  expect(await stand.row(id)).toMatchObject({
    generation: 5n,
    instance: stand.deps.lines.instance,
    disconnectedAt: null,
  });
});
