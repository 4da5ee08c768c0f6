import type { Recorder } from '../history.ts';
import { type Client, createClient } from '../load/client.ts';
import { type Driver, enterSurely } from '../load/driver.ts';
import { chargeOnce } from '../load/one-charge.ts';
import { fill } from '../load/paying.ts';
import { patientlySignIn } from '../load/sign-in.ts';
import { breakProcess } from '../nemesis/process.ts';
import { seeded } from '../random.ts';
import type { Stage } from '../stage.ts';
import type { Bay, Yard } from '../yard.ts';
import { type Crash, crashPoints, type Victim } from './points.ts';
import { setTrap } from './trap.ts';

/** So many points are come by at once, each by a session of its own, and hit by one kill. */
const atOnce = 4;
/** A machine that is slow just then passes a point too early or too late for the others. */
const mostTries = 4;
const springsWithinMs = 30_000;
/** Fast enough that more is held within seconds. */
const powerW = 200_000;
/** More than four fifths of what is held at first. */
const courses = { charges: { plugsIn: true, energyWh: 150 }, 'stays away': { plugsIn: false, energyWh: 0 } } as const;

export interface CrashOptions {
  readonly stage: Stage;
  readonly yard: Yard;
  readonly history: Recorder;
  readonly crashes: readonly Crash[];
  say(text: string): void;
}

/** Kills each victim at each point, and gives the points that no session came by. What is left behind is for the checks. */
export async function crashThrough({ stage, yard, history, crashes, say }: CrashOptions): Promise<string[]> {
  const { gateway } = stage.system;
  const client = createClient(gateway, history);
  const missed: string[] = [];
  try {
    const drivers = await gatherDrivers(stage, client, history);
    const left = crashes.map((crash) => ({ crash, tries: 0 }));
    while (left[0]) {
      const { crash: first } = left[0];
      const { victim } = first;
      const some = left.filter(({ crash }) => areNear(crash, first)).slice(0, atOnce);
      const hit = await round(
        { stage, yard, client, drivers, history },
        victim,
        some.map(({ crash }) => crash),
      );
      say(`kill -9 of ${victim}: ${[...hit].map(nameOf).join(', ') || 'nobody was there'}`);
      for (const one of some) {
        one.tries += 1;
        if (!hit.has(one.crash) && one.tries < mostTries) continue;
        left.splice(left.indexOf(one), 1);
        if (!hit.has(one.crash)) missed.push(`${victim} was never killed at "${nameOf(one.crash)}"`);
      }
    }
  } finally {
    await client.close();
  }
  return missed;
}

/** Sessions that begin together come by them at about the same time. */
const areNear = (one: Crash, other: Crash): boolean =>
  one.victim === other.victim &&
  one.version === other.version &&
  one.point.plot === other.point.plot &&
  Math.abs(crashPoints.indexOf(one.point) - crashPoints.indexOf(other.point)) <= atOnce;

const nameOf = ({ point, version }: Crash) => `${point.name} (${version})`;

interface Cast {
  readonly stage: Stage;
  readonly yard: Yard;
  readonly client: Client;
  readonly drivers: readonly Driver[];
  readonly history: Recorder;
}

async function gatherDrivers(stage: Stage, client: Client, history: Recorder): Promise<Driver[]> {
  const bank = createClient(stage.provider.origin, history);
  const ways = { client, bank, random: seeded(1), operatorToken: await patientlySignIn(stage.system.gateway) };
  const drivers: Driver[] = [];
  for (let n = 0; n < atOnce; n++) {
    const driver = await enterSurely(ways, `+9768811${1000 + n}`);
    await fill(ways, driver, 3_000);
    drivers.push(driver);
  }
  await bank.close();
  return drivers;
}

async function round(cast: Cast, victim: Victim, crashes: readonly Crash[]): Promise<ReadonlySet<Crash>> {
  const { stage, yard } = cast;
  const token = await patientlySignIn(stage.system.gateway);
  const bays = await yard.build(
    crashes.map(({ version }) => ({ version, switches: { powerW, meterEveryMs: 500 } })),
    token,
  );
  const trap = await setTrap(
    stage.database,
    crashes.map(({ point }, at) => ({ point, deviceId: (bays[at] as Bay).deviceId })),
  );
  const acts = crashes.map(({ point }, at) =>
    chargeOnce(cast.client, bays[at] as Bay, cast.drivers[at] as Driver, courses[point.plot]),
  );
  const sprung = await trap.sprung(springsWithinMs);
  const mend = sprung.size > 0 ? await kill(cast, victim) : async () => {};
  await trap.letGo();
  await mend();
  await Promise.all(acts);
  await stage.system.ready(90_000);
  return new Set(crashes.filter((_, at) => sprung.has(at)));
}

async function kill({ stage, history }: Cast, victim: Victim): Promise<() => Promise<void>> {
  const isServer = victim === 'nats' || victim === 'postgres';
  const kind = victim === 'nats' ? 'broker-kill' : victim === 'postgres' ? 'database-kill' : 'service-kill';
  const names = stage.system.instances.filter(({ service }) => service === victim).map(({ name }) => name);
  const mends = await Promise.all(
    (isServer ? [victim] : names).map(async (target) => {
      const { detail, mend } = await breakProcess({ kind, target, at: 0, lastsMs: 0, degree: 0 }, stage);
      const fault = history.broke({ kind, target, detail });
      return () => mend().then(() => history.mended(fault));
    }),
  );
  return async () => {
    await Promise.all(mends.map((mend) => mend()));
  };
}
