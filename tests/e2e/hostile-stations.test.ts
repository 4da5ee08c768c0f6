import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '@forecourt/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aBay, aPayingDriver, type Bay } from './bay.ts';
import type { SignedInDriver } from './driver/app.ts';
import { operatorReads } from './operator.ts';
import { system } from './running-system.ts';
import { gateway } from './storefront-client.ts';

/* Two cars are charging, one at a station of each version. Beside them are stations that have got out of hand: each comes with
   its own password and says what the others said, as it was and spoilt in every way; and strangers who come with less. */

// Another one each time, so that every run looks elsewhere; said again with FUZZ_SEED.
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const versions = ['1.6', '2.0.1'] as const;
const paidIn = 20_000;

interface Victim extends Bay {
  readonly driver: SignedInDriver;
}

interface Purchase {
  _id: string;
  state: string;
  energyWh: number;
  amount: number;
}

const victims: Victim[] = [];
const attackers: Bay[] = [];
let begunAt: Map<string, string>;

/** A process that ended is started again at once, but at another time. */
async function startTimes(): Promise<Map<string, string>> {
  const services = system.processes.filter(({ service }) => service !== 'gateway');
  const times = services.map(async ({ name, url }) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return [name, /^process_start_time_seconds(?:{.*})? (\S+)$/m.exec(text)?.[1] ?? ''] as const;
  });
  return new Map(await Promise.all(times));
}

const purchasesOf = async ({ driver }: Victim): Promise<Purchase[]> =>
  (await gateway.get<Purchase[]>('/api/purchases', { bearer: driver.token })).body;
const press = ({ deviceId, driver }: Victim, what: 'start' | 'finish') =>
  gateway.post<{ id: string }>(`/api/devices/${deviceId}/${what}`, undefined, { bearer: driver.token });
const energyOf = ({ station }: Bay) => station.charges.at(-1)?.energyWh ?? 0;

beforeAll(async () => {
  begunAt = await startTimes();
  for (const version of versions) {
    const [victim, driver, attacker] = await Promise.all([
      aBay({ version }),
      aPayingDriver(paidIn),
      aBay({ version, switches: { reconnectMs: 50, remoteStart: 'refuse' } }),
    ]);
    victims.push({ ...victim, driver });
    attackers.push(attacker);
  }
  for (const victim of victims) {
    const { status, text } = await press(victim, 'start');
    expect([status, text]).toEqual([200, '{}']);
    await until(() => energyOf(victim) > 20);
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([...victims, ...attackers].map(({ station }) => station.close()));
});

/** All that a station has said so far, as it went out. */
const said = ({ station }: Bay): string[] =>
  station.line.frames.filter(({ direction }) => direction === 'out').map(({ text }) => text);

/** What would end the charge of another station, or make it dear, if that were believed of this one. */
function forged({ station }: Bay): string[] {
  const [charge] = station.charges;
  const timestamp = new Date().toISOString();
  const dear = { sampledValue: [{ value: '9000000' }], timestamp };
  const common = { timestamp, triggerReason: 'EVDeparted', evse: { id: 1, connectorId: 1 } };
  const transactionInfo = { transactionId: charge?.id, stoppedReason: 'Local' };
  const meterValue = [{ timestamp, sampledValue: [{ value: 9_000_000 }] }];
  const calls =
    station.version === '1.6'
      ? [
          ['MeterValues', { connectorId: 1, transactionId: charge?.number, meterValue: [dear] }],
          ['StopTransaction', { transactionId: charge?.number, meterStop: 9_000_000, timestamp, reason: 'Local' }],
        ]
      : [
          ['TransactionEvent', { ...common, eventType: 'Updated', seqNo: 98, transactionInfo, meterValue }],
          ['TransactionEvent', { ...common, eventType: 'Ended', seqNo: 99, transactionInfo, meterValue }],
        ];
  return calls.map(([action, payload], n) => JSON.stringify([2, `forged-${n}`, action, payload]));
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Everything in a document that can be something else, as the ways there. */
function waysIn(value: Json, way: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (value === null || typeof value !== 'object') return [way];
  const inner = Object.entries(value).flatMap(([name, one]) => waysIn(one, [...way, name]));
  return [way, ...inner];
}

function replaced(value: Json, [name, ...rest]: readonly (string | number)[], by: Json): Json {
  if (name === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, Json>;
  copy[name] = replaced(copy[name] ?? null, rest, by);
  return copy as Json;
}

const junk: fc.Arbitrary<Json> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json[]>(null, -1, 0, 2 ** 31, 2 ** 53, 1e308, '', '-1', '\u0000', '\ud800', 'NaN', '__proto__'),
  fc.constantFrom<Json[]>('1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-02-30T25:61:61Z', 'x'.repeat(5_000)),
);

/** What a station said, as it was, with some places filled otherwise, cut off, or not even that. */
function spoilt(frames: readonly string[]): fc.Arbitrary<string> {
  const frame = fc.constantFrom(...frames);
  const places = frame.chain((text) => {
    const whole = JSON.parse(text) as Json;
    const place = fc.tuple(fc.constantFrom(...waysIn(whole)), junk);
    return fc
      .array(place, { minLength: 1, maxLength: 3 })
      .map((list) => JSON.stringify(list.reduce((value, [way, by]) => replaced(value, way, by), whole)));
  });
  const cut = fc.tuple(frame, fc.double({ min: 0, max: 1, noNaN: true }));
  return fc.oneof(
    { weight: 3, arbitrary: frame },
    { weight: 6, arbitrary: places },
    cut.map(([text, share]) => text.slice(0, text.length * share)),
    fc.tuple(frame, frame).map(([one, other]) => one + other),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('', '[]', '{}', '[2]', '[3,"1"]', '[4]', '['.repeat(20_000), `[2,"1","${'A'.repeat(10_000)}",{}]`),
  );
}

describe.each(versions.map((version, nth) => ({ version, nth })))('a station of OCPP $version', ({ version, nth }) => {
  test(`that says what others said, as it was and spoilt (seed ${seed}), ends nothing and nobody`, async () => {
    const attacker = attackers[nth] as Bay;
    const frames = [...victims.flatMap(said).filter((text) => text.startsWith('[2,')), ...victims.flatMap(forged)];
    expect(frames.length).toBeGreaterThan(10);
    const { station } = attacker;
    const answers = () => station.line.frames.filter(({ direction, text }) => direction === 'in' && text[1] === '3');
    const before = answers().length;
    for (const [n, text] of [...frames, ...fc.sample(spoilt(frames), { seed, numRuns: 250 })].entries()) {
      // Ten bad ones in a row end its line, and it comes again.
      await until(() => station.line.open);
      station.line.send(text);
      // Lines keep their order: what is answered now comes after all of that.
      if (n % 10 === 9) await station.call('Heartbeat', {}).catch(() => undefined);
    }
    await station.settled(30_000);
    expect(answers().length).toBeGreaterThan(before + 50);
    expect(victims.map(({ station: { version: of, line } }) => [of, line.connections])).toEqual(
      versions.map((one) => [one, 1]),
    );
    expect(station.version).toBe(version);
  });
});

interface Call {
  readonly origin: string;
  readonly head: string;
  readonly after: Uint8Array;
  /** The rest is not sent before there is an answer. */
  readonly waits?: boolean;
}

/** Bytes to a server, and whether it has hung up, as it should in the end: we have said all that we have to say. */
async function callWith({ origin, head, after, waits = false }: Call): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('error', () => {});
  socket.on('data', (data) => {
    answer += data.toString('latin1');
  });
  const closed = once(socket, 'close');
  socket.write(head, 'latin1');
  if (waits) await until(() => answer !== '' || socket.destroyed);
  socket.end(after);
  await closed;
  return answer;
}

const basic = (identity: string, password: string) =>
  `Basic ${Buffer.from(`${identity}:${password}`).toString('base64')}`;
const headOf = (path: string, authorization: string, more = '') =>
  [
    `GET ${path} HTTP/1.1`,
    'host: x',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol: ocpp1.6, ocpp2.0.1',
    `authorization: ${authorization}`,
    `${more}\r\n\r\n`,
  ].join('\r\n');

describe('somebody who opens a line', () => {
  /** At the gateway and past it, where each stranger has an address of their own. */
  const origins = () => [
    system.gatewayUrl,
    ...system.processes.filter(({ service }) => service === 'charging').map(({ url }) => url),
  ];

  test('as a station that is charging, with the password of another one or with none, is turned away', async () => {
    const answers: string[] = [];
    for (const origin of origins()) {
      for (const { identity } of victims) {
        const { identity: own, password } = attackers[0] as Bay;
        const shown = [basic(own, password), basic(identity, password), basic(identity, ''), 'Basic', 'Bearer x', ''];
        for (const [n, authorization] of shown.entries()) {
          const more = `x-forwarded-for: 203.0.113.${n + 1}`;
          answers.push(
            await callWith({ origin, head: headOf(`/ocpp/${identity}`, authorization, more), after: Buffer.alloc(0) }),
          );
        }
      }
    }
    expect(answers).toHaveLength(origins().length * victims.length * 6);
    expect(answers.filter((answer) => !/^HTTP\/1\.1 401 /.test(answer))).toEqual([]);
  });

  test(`with nonsense in the greeting, or after it (seed ${seed}), is hung up on`, async () => {
    const { identity, password } = attackers[0] as Bay;
    const line = fc
      .string({ unit: 'binary-ascii', maxLength: 40 })
      .map((text) => text.replaceAll(/[^\u0020-\u00ff]/g, ''));
    const path = fc.oneof(
      fc.constant(`/ocpp/${identity}`),
      fc.constantFrom('/ocpp/%E0%A4%A', '/ocpp/%00', '/ocpp/..%2f..%2fadmin', '/ocpp/a/b', '//ocpp/x', '/ocpp/?x=y'),
      line.map((text) => `/ocpp/${encodeURIComponent(text)}`),
    );
    const greeting = fc.record({
      origin: fc.constantFrom(...origins().slice(1)),
      path,
      authorization: fc.oneof(fc.constant(basic(identity, password)), line),
      more: fc.oneof(
        fc.nat(250).map((n) => `x-forwarded-for: 198.51.100.${n}`),
        line.map((text) => `sec-websocket-extensions: ${text}`),
        fc.constant(`x-many: ${'y'.repeat(20_000)}`),
      ),
      after: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        // Frames that say of themselves what they are not: longer, unmasked, of a kind that there is none of, in pieces.
        fc.constantFrom(
          '81ff7fffffffffffffff00000000',
          '8105616263',
          '8f8000000000',
          '0180',
          '89ff',
          '88820000000003e8',
        ),
      ),
      waits: fc.boolean(),
    });
    const statuses: string[] = [];
    const tried = fc.sample(greeting, { seed, numRuns: 150 });
    for (const { origin, path, authorization, more, after, waits } of tried) {
      const bytes = typeof after === 'string' ? Buffer.from(after, 'hex') : after;
      const answer = await callWith({ origin, head: headOf(path, authorization, more), after: bytes, waits });
      // Who has hung up before they were answered is not answered.
      statuses.push(/^HTTP\/1\.1 (101|4\d\d|503) /.exec(answer)?.[1] ?? answer);
    }
    const known = new Set(statuses);
    expect([...known].filter((status) => !/^(\d{3})?$/.test(status))).toEqual([]);
    expect([...known]).toEqual(expect.arrayContaining(['101', '400', '401', '404']));
  });
});

describe('afterwards', () => {
  test('every process is the one that it was, and ready', async () => {
    expect([...begunAt.values()].every((time) => time !== '')).toBe(true);
    expect(await startTimes()).toEqual(begunAt);
    expect((await gateway.get('/health/ready')).status).toBe(200);
  });

  test.each(versions.map((version, nth) => ({ version, nth })))(
    'the car at the station of OCPP $version has charged all the time, and pays for that alone',
    async ({ nth }) => {
      const victim = victims[nth] as Victim;
      const { station, deviceId } = victim;
      const now = energyOf(victim);
      await until(() => energyOf(victim) > now);
      expect([station.line.connections, station.charges.length]).toEqual([1, 1]);
      const finished = await press(victim, 'finish');
      expect(finished.status, finished.text).toBe(200);
      await until(() => station.charges[0]?.flow === 'stopped');
      station.outlet().unplug();
      await until(async () => (await purchasesOf(victim))[0]?.state === 'finished');
      const bought = await purchasesOf(victim);
      expect(bought.map(({ _id, energyWh }) => [_id, energyWh])).toEqual([[finished.body.id, energyOf(victim)]]);
      const [purchase] = bought as [Purchase];
      expect(purchase.amount).toBeCloseTo((purchase.energyWh * 700) / 1_000, 1);
      const left = async () => {
        const { body } = await gateway.post<SignedInDriver>('/api/user/me', undefined, { bearer: victim.driver.token });
        return Math.round(body.profile.balance * 100);
      };
      await until(async () => (await left()) === paidIn * 100 - Math.round(purchase.amount * 100));
      const { items } = await operatorReads<{ items: { flag: string | null }[] }>(
        `/admin/sessions?deviceId=${deviceId}`,
      );
      expect(items.map(({ flag }) => flag)).toEqual([null]);
      expect(station.complaints).toEqual([]);
    },
  );
});
