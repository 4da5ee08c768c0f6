import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { cpuMilliseconds, peakMegabytes, residentMegabytes } from '../processes.ts';
import { untilQuiet } from '../quiet.ts';
import { priceOfKwh, seedStations } from '../seed/stations.ts';
import { type Bill, wrongBills } from '../stations/bills.ts';
import { type Crowd, gatherCrowd } from '../stations/gathering.ts';
import { placeOf } from '../stations/station.ts';
import { percentile } from '../statistics.ts';
import type { SystemUnderTest } from '../system.ts';

/** What a process of charging does with all stations that it may have. */
export interface StationsResult {
  stations: number;
  /** In one after the other, in slices; each has introduced itself and said how it is. */
  cameInSeconds: number;
  /** Resident, of the one process; with them: the most that was seen. */
  memoryMb?: { without: number; bySlice: number[]; held: number; peak: number };
  meters: MetersResult;
  storm: StormResult;
  failures: string[];
}

export interface MetersResult {
  stations: number;
  perSecond: number;
  values: number;
  p50Ms: number;
  p99Ms: number;
  /** Of one value, by process, with what is done after its answer. */
  cpuMsByProcess?: Record<string, number>;
}

export interface StormResult {
  /** Since the process was killed, until the first, half, and all of them have been answered again. */
  firstSeconds: number;
  halfSeconds: number;
  allSeconds: number;
  /** Of the new process: the most that it ever had, and when they had been back for as long as before. */
  memoryMb?: { peak: number; held: number };
}

export interface Stationing {
  stations: number;
  slice: number;
  heldSeconds: number;
  charging: number;
  valuesPerSecond: number;
  /** Before it counts, as all that is measured is warmed up. */
  warmUpSeconds: number;
  metersSeconds: number;
}

/**
 * One process of charging and a crowd: all connect to it, some charge and say what their meters show, the process is
 * killed and all come back at once, and what ran is ended. In the end each charge must have been billed once, for what
 * its station says.
 */
export async function stationsAtOnce(
  system: SystemUnderTest,
  cardholders: readonly string[],
  plan: Stationing,
  step: (what: string) => void,
): Promise<StationsResult> {
  await seedStations(system, { stations: plan.stations, cardholders: cardholders.slice(0, plan.charging) });
  const database = new pg.Client({ connectionString: system.superuserUrl });
  await database.connect();
  const crowd = await gatherCrowd(placeOf(system.charging.url));
  try {
    const arrived = await arrive(system, crowd, plan, step);
    step(`${plan.charging} of them charge`);
    await crowd.do('start', { count: plan.charging });
    await settled(database, unpaidFor);
    step(`${plan.valuesPerSecond} meter values a second`);
    const { meters, failures } = await meter(system, crowd, database, plan);
    step('kill -9');
    const storm = await returnAfterKill(system, crowd, plan);
    step(`all are back after ${storm.allSeconds.toFixed(1)} s; what runs is ended`);
    const { flowedWh } = await crowd.do('stop');
    await settled(database, unsettled);
    failures.push(...wrongBills(await billsOf(database), flowedWh, priceOfKwh));
    await crowd.do('leave');
    return { stations: plan.stations, ...arrived, meters, storm, failures };
  } finally {
    await crowd.end();
    await database.end();
  }
}

async function arrive(system: SystemUnderTest, crowd: Crowd, plan: Stationing, step: (what: string) => void) {
  const { pid = 0 } = system.charging.program;
  const without = residentMegabytes(pid);
  const bySlice: number[] = [];
  let cameInSeconds = 0;
  for (let here = 0; here < plan.stations; here += plan.slice) {
    cameInSeconds += await crowd.do('come', { more: Math.min(plan.slice, plan.stations - here) });
    bySlice.push(residentMegabytes(pid) ?? 0);
  }
  step(`${plan.stations} stations are there after ${cameInSeconds.toFixed(1)} s`);
  let held = 0;
  for (let second = 0; second < plan.heldSeconds; second++) {
    await pause(1000);
    held = Math.max(held, residentMegabytes(pid) ?? 0);
  }
  const peak = peakMegabytes(pid) ?? held;
  return { cameInSeconds, ...(without !== undefined && { memoryMb: { without, bySlice, held, peak } }) };
}

async function meter(
  { processes }: SystemUnderTest,
  crowd: Crowd,
  database: pg.Client,
  { charging, valuesPerSecond, warmUpSeconds, metersSeconds }: Stationing,
) {
  const warmUp = await crowd.do('meter', { perSecond: valuesPerSecond, seconds: warmUpSeconds });
  await untilQuiet(processes);
  const before = await countOf(database, readings);
  const cpuBefore = cpuMilliseconds(processes);
  const { milliseconds, failures } = await crowd.do('meter', { perSecond: valuesPerSecond, seconds: metersSeconds });
  await untilQuiet(processes);
  const used = Object.entries(cpuMilliseconds(processes) ?? {});
  const stored = (await countOf(database, readings)) - before;
  const values = milliseconds.length;
  if (stored < values) failures.push(`${values} values were answered, and ${stored} stored`);
  const meters = {
    stations: charging,
    perSecond: valuesPerSecond,
    values,
    p50Ms: percentile(milliseconds, 0.5),
    p99Ms: percentile(milliseconds, 0.99),
    ...(cpuBefore && {
      cpuMsByProcess: Object.fromEntries(used.map(([name, ms]) => [name, (ms - (cpuBefore[name] ?? 0)) / values])),
    }),
  };
  return { meters, failures: [...warmUp.failures, ...failures] };
}

const readings = 'SELECT count(*)::int AS count FROM charging.reading';

async function returnAfterKill(
  system: SystemUnderTest,
  crowd: Crowd,
  { heldSeconds }: Stationing,
): Promise<StormResult> {
  const { program } = system.charging;
  const answered = crowd.do('comeBack');
  const killedAt = performance.timeOrigin + performance.now();
  program.kill('SIGKILL');
  const seconds = (await answered).map((at) => (at - killedAt) / 1000);
  await pause(1000 * heldSeconds);
  const [held, peak] = [residentMegabytes(program.pid ?? 0), peakMegabytes(program.pid ?? 0)];
  return {
    firstSeconds: Math.min(...seconds),
    halfSeconds: percentile(seconds, 0.5),
    allSeconds: Math.max(...seconds),
    ...(held !== undefined && peak !== undefined && { memoryMb: { peak, held } }),
  };
}

const patienceMs = 300_000;

/** Waits until what is looked for is nowhere any more. */
async function settled(database: pg.Client, statement: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const left = await countOf(database, statement);
    if (left === 0) return;
    if (performance.now() > deadline) throw new Error(`${left} sessions are still not where they should be`);
    await pause(200);
  }
}

const ofBench = `charging.session WHERE device_number LIKE 'bench station %'`;
const unpaidFor = `
  SELECT count(*)::int AS count FROM ${ofBench} AND NOT EXISTS (
    SELECT FROM charging.session_hold WHERE session_id = session.id AND status = 'placed')`;
const unsettled = `
  SELECT count(*)::int AS count FROM ${ofBench} AND (ended_at IS NULL OR paid <> amount OR EXISTS (
    SELECT FROM charging.session_hold WHERE session_id = session.id AND status IN ('asked', 'placed')))`;

const countOf = async (database: pg.Client, statement: string): Promise<number> => {
  const { rows } = await database.query<{ count: number }>(statement);
  return rows[0]?.count ?? 0;
};

async function billsOf(database: pg.Client): Promise<Bill[]> {
  const { rows } = await database.query<Bill>(
    `SELECT split_part(identity, '-', 2)::int AS n, count(*)::int AS count, sum(energy_wh)::int AS energy,
            sum(amount)::int AS amount, max(session.state) AS state
     FROM charging.session JOIN charging.station ON station.id = station_id
     WHERE device_number LIKE 'bench station %' AND origin = 'card' GROUP BY 1`,
  );
  return rows;
}
