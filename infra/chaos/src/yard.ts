import { type Charge, type Station, type StationOptions, startStation } from '@forecourt/local/stations';
import { until } from './until.ts';

/** A device with its station: over a real line, of either version, and difficult in its own way. */
export interface Bay {
  readonly station: Station;
  readonly deviceId: string;
  /** Somebody is at it. */
  taken: boolean;
  /** The charge of which somebody was told that it ends: nobody but the station's own hearing of it may end it. */
  promised: Charge | null;
  /** Those that apps were told of. */
  readonly purchases: Set<string>;
  /** Drivers who charged here, and no app was told which purchase that is. */
  readonly unnamed: Set<string>;
}

/** A forecourt of stations. What they write in their own books is what all bills are held against. */
export interface Yard {
  readonly bays: readonly Bay[];
  /** More of them; their devices are made as an operator makes them, and can be started when this returns. */
  build(wishes: readonly Wish[], operatorToken: string): Promise<Bay[]>;
  /** Cars leave, and stations say what they have to say. Gives what that was waited for in vain. */
  rest(timeoutMs: number): Promise<string | undefined>;
  close(): Promise<void>;
}

export type Wish = Pick<StationOptions, 'version' | 'switches'>;

/** Major units: of a kWh, and of a minute. At a hundred kilowatts what is held is soon used, and more is held. */
const prices = { price: 20, waitingPrice: 0.5 };

/** What processes that take stations are told, so that money and patience come to an end within a short run. */
export const briskCharges: NodeJS.ProcessEnv = {
  HOLD_AMOUNT: '3',
  HOLD_LEAST: '0.5',
  PLUG_IN_SECONDS: '10',
  WAITING_GRACE_MINUTES: '0',
  DEVICE_LOST_AFTER_SECONDS: '5',
};

const versions = ['1.6', '2.0.1'] as const;

/** How stations differ for good; what happens to them happens to each of them. */
const characters: readonly Wish['switches'][] = [
  {},
  { repeats: true },
  { countedIds: true, repeatedIds: 'same' },
  { newestFirst: true, clockAheadMs: 5_400_000 },
  { unit: 'kWh', measurand: false, phases: 'both', bootsAlways: true },
  { seqNoStuck: true, offlineFlag: false, beginsBeforeAnswer: true },
];

const brisk = { powerW: 100_000, meterEveryMs: 700, connectionTimeOutMs: 6_000, answerWithinMs: 6_000 };

/** In 1.6 an end that is told before its beginning has no name: nobody can say of what it is the end. */
const possibleIn = (version: (typeof versions)[number], switches: Wish['switches']): Wish['switches'] =>
  version === '1.6' ? { ...switches, newestFirst: false } : { ...switches };

export const variety: readonly Wish[] = characters.flatMap((switches) =>
  versions.map((version) => ({ version, switches: possibleIn(version, switches) })),
);

/** `urls`: the doors that they come in by, in turn. */
export function openYard({ gateway, urls }: { gateway: string; urls: readonly string[] }): Yard {
  const bays: Bay[] = [];

  async function build(wishes: readonly Wish[], operatorToken: string): Promise<Bay[]> {
    const names = wishes.map((_, index) => `CHAOS-${bays.length + index + 1}`);
    const ids = await addDevices(gateway, operatorToken, names);
    const built = wishes.map(({ version = '1.6', switches }, index) => {
      const identity = names[index] as string;
      const station = startStation({
        url: urls[(bays.length + index) % urls.length] as string,
        identity,
        password: passwordOf(identity),
        version,
        switches: { ...brisk, ...switches },
      });
      return {
        station,
        deviceId: ids.get(identity) as string,
        taken: false,
        promised: null,
        purchases: new Set<string>(),
        unnamed: new Set<string>(),
      };
    });
    bays.push(...built);
    await Promise.all(built.map(({ station }) => station.ready(60_000)));
    // Until it has said how it is, a device cannot be started.
    await Promise.all(built.map(({ station }) => station.settled(60_000)));
    return built;
  }

  async function rest(timeoutMs: number): Promise<string | undefined> {
    let waitingFor: string[] = [];
    const isAtRest = () => {
      for (const bay of bays) leave(bay);
      waitingFor = bays.flatMap(whatIsLeft);
      return waitingFor.length === 0;
    };
    return until(isAtRest, 'stations are at rest', { timeoutMs, everyMs: 100 }).then(
      () => undefined,
      () => waitingFor.join('; '),
    );
  }

  return {
    bays,
    build,
    rest,
    close: async () => {
      await Promise.all(bays.map(({ station }) => station.close()));
    },
  };
}

/** Whoever is still there goes, but for a car that is to be stopped from afar. */
function leave({ station, promised }: Bay): void {
  const outlet = station.outlet();
  const { charge } = outlet;
  station.switches.plugInAfterMs = null;
  if (outlet.faulted) outlet.recover();
  if (!station.line.open) station.goOnline();
  if (charge && charge === promised && charge.flow !== 'stopped') return;
  if (charge?.flow === 'unplugged') outlet.stop('Timeout');
  outlet.unplug();
}

function whatIsLeft({ station }: Bay): string[] {
  const { identity, line, waiting } = station;
  const { charge, permitted } = station.outlet();
  if (!line.open) return [`${identity} has no line`];
  if (charge && charge.flow !== 'stopped') return [`${identity} charges on`];
  if (permitted) return [`${identity} waits for a cable`];
  return waiting.length > 0 ? [`${identity} has ${waiting.length} messages to say`] : [];
}

const passwordOf = (identity: string) => `${identity}-of-this-run`;

/** By number, which is the station's identity. */
async function addDevices(
  gateway: string,
  operatorToken: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  const header = 'number,station,station_password,connector,longitude,latitude,price,waiting_price';
  const { price, waitingPrice } = prices;
  const rows = names.map((name) => `${name},${name},${passwordOf(name)},1,106.9,47.9,${price},${waitingPrice}`);
  const response = await fetch(new URL('/admin/devices/import', gateway), {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv' },
    body: [header, ...rows, ''].join('\n'),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`an import of devices was answered ${response.status}: ${text}`);
  const report = JSON.parse(text) as { created: number; rows: { number: string; deviceId: string }[] };
  if (report.created !== names.length) throw new Error(`of ${names.length} devices came: ${text}`);
  return new Map(report.rows.map(({ number, deviceId }) => [number, deviceId]));
}
