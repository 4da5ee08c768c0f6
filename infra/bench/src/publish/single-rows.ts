import type { Comparison } from '../compare.ts';
import type { RunResult } from '../report/results.ts';
import { number, shares } from '../report/table.ts';
import type { StationsResult } from '../singles/stations.ts';

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** Figures that have no yardstick: what, how much, and how it was measured. */
export function singleRows({ singles, shop, comparisons }: RunResult): string[][] {
  const {
    start,
    memoryMb,
    hop,
    events,
    backlog,
    flood,
    slowloris,
    replenish,
    map = [],
    stations,
    remoteStart,
    import: imported,
  } = singles;
  const rows: string[][] = [];
  const add = (what: string, measured: string, how: string) => rows.push([what, measured, how]);
  if (hop)
    add(
      'gateway hop, p50',
      `${number(hop.addedMs, 2)} ms`,
      `one connection, by turns through the gateway (${number(hop.throughMs, 2)} ms) and straight to catalog (${number(hop.straightMs, 2)} ms), kept answers refused`,
    );
  if (events)
    add(
      'event: commit → applied',
      `p50 ${number(events.p50Ms, 0)} ms, p99 ${number(events.p99Ms, 0)} ms`,
      `orders one at a time; from the outbox row to each consumer's inbox row by the database's clock, ${events.samples} of them`,
    );
  if (backlog)
    add(
      'relay and consumer, a backlog',
      `${whole(backlog.relayedPerSecond)} events/s relayed, ${whole(backlog.appliedPerSecond)} applied`,
      `${whole(backlog.events)} changed products told at once: catalog's relay publishes while orders applies, on the same cores`,
    );
  if (flood)
    add(
      'p99 of `GET /products` while 200 sign in at once',
      `${number(flood.floodedP99Ms, 1)} ms, ${number(flood.times, 2)} × its quiet ${number(flood.quietP99Ms, 1)} ms`,
      `reads at a fixed pace, by turns in peace and in the flood of ${number(flood.floodSeconds, 1)} s; logins were answered ${Object.entries(
        flood.answers,
      )
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ')}`,
    );
  if (slowloris)
    add(
      `p99 of others beside ${whole(slowloris.clients)} slow clients`,
      `${number(slowloris.attackedP99Ms, 1)} ms, ${number(slowloris.times.value, 2)} × its quiet ${number(slowloris.quietP99Ms, 1)} ms`,
      `sockets that say nothing, a header or a body letter by letter, or take no answer; reads at a fixed pace, by turns with and without them${slowloris.memoryMb ? `; the gateway held ${whole(slowloris.memoryMb.before)} MB before, ${whole(slowloris.memoryMb.during)} MB with them` : ''}`,
    );
  if (stations) rows.push(...stationRows(stations));
  const perMessage = costOfMessage(comparisons);
  if (perMessage) rows.push(perMessage);
  if (remoteStart)
    add(
      'start: a driver’s wish → the frame at the station',
      `p50 ${number(remoteStart.frameP50Ms, 0)} ms, p99 ${number(remoteStart.frameP99Ms, 0)} ms`,
      `through the gateway, ${remoteStart.samples} starts one after the other, money held at payments meanwhile; the driver has the answer after ${number(remoteStart.answerP50Ms, 0)} ms, p99 ${number(remoteStart.answerP99Ms, 0)} ms`,
    );
  for (const { box, devices, p50Ms, p99Ms } of map)
    add(
      `a look at the map: ${box}`,
      `p50 ${number(p50Ms, 1)} ms, p99 ${number(p99Ms, 1)} ms`,
      `${whole(devices)} of 100,000 devices answered, through the gateway, over one connection`,
    );
  if (replenish)
    add(
      'replenishment: address to pay at',
      `p50 ${number(replenish.p50Ms, 0)} ms, p99 ${number(replenish.p99Ms, 0)} ms`,
      `through the gateway, ${replenish.samples} customers one after the other; the invoice is made at the QPay sandbox, over HTTP on the same cores, while each waits`,
    );
  if (start)
    add(
      'start',
      `${number(start.warmSeconds, 1)} s; with no data yet ${number(start.coldSeconds, 1)} s`,
      'until the gateway says that all are ready; the first time with initdb, migrations and demo data',
    );
  if (memoryMb !== undefined)
    add(
      'memory, idle',
      `${number(memoryMb, 0)} MB`,
      'proportional set size of all processes but the QPay sandbox, with demo data, before any load',
    );
  if (imported)
    add(
      `import of ${whole(imported.rows)} rows that change as many products`,
      `${number(imported.changedSeconds, 1)} s; sent again ${number(imported.unchangedSeconds, 1)} s`,
      `one file through the operators' door${imported.memoryMb ? `; catalog had ${whole(imported.memoryMb.before)} MB before, ${whole(imported.memoryMb.most)} MB at most` : ''}`,
    );
  add(
    'import of products',
    `${number(shop.products / shop.importSeconds, 0)} rows/s`,
    `through the operators' door, ${shop.products.toLocaleString('en-US')} new products; orders and catalog had all of it ${number(shop.convergedSeconds, 1)} s later`,
  );
  return rows;
}

function stationRows({ stations, cameInSeconds, memoryMb, meters, storm }: StationsResult): string[][] {
  const rows = [];
  if (memoryMb) {
    const { without, bySlice, held, peak } = memoryMb;
    const most = Math.max(held, ...bySlice);
    rows.push([
      `memory of one process with ${whole(stations)} stations`,
      `${whole(most)} MB, ${number((1024 * (held - without)) / stations, 1)} KB a station`,
      `resident; ${whole(without)} MB before they came, in ${number(cameInSeconds, 1)} s, each introducing itself; ${whole(peak)} MB the most since it was started, with what it did before`,
    ]);
  }
  rows.push([
    `${whole(meters.perSecond)} meter values a second`,
    `p50 ${number(meters.p50Ms, 0)} ms, p99 ${number(meters.p99Ms, 0)} ms`,
    `${whole(meters.values)} values of ${whole(meters.stations)} charges that their drivers pay, beside all other stations; from the instant when each was due to its answer, which comes when it is stored. Afterwards all of them are found.${meters.cpuMsByProcess ? ` CPU ms a value: ${shares(meters.cpuMsByProcess)}` : ''}`,
  ]);
  rows.push([
    `kill -9 with ${whole(stations)} stations`,
    `the first is back after ${number(storm.firstSeconds, 1)} s, half of them after ${number(storm.halfSeconds, 1)} s, all after ${number(storm.allSeconds, 1)} s`,
    `back: let in, and answered; each knocks about once a second until then.${storm.memoryMb ? ` The new process had ${whole(storm.memoryMb.peak)} MB at most, and ${whole(storm.memoryMb.held)} MB some seconds later.` : ''} Each charge that ran meanwhile was billed once, for what its station says`,
  ]);
  return rows;
}

/** Of the process that has the sockets, beside that of a bare echo in the same run. */
function costOfMessage(comparisons: readonly Comparison[]): string[] | undefined {
  const microsecondsOf = (flow: string, side: 'ours' | 'yardstick', process: string) => {
    const used = comparisons.find((one) => one.flow === flow)?.[side].cpuMsByProcess?.[process];
    return used === undefined ? undefined : 1000 * used;
  };
  const echo = microsecondsOf('station, heartbeat', 'yardstick', 'yardstick');
  const heartbeat = microsecondsOf('station, heartbeat', 'ours', 'charging');
  if (echo === undefined || heartbeat === undefined) return undefined;
  const stored = microsecondsOf('station, meter value', 'ours', 'charging');
  return [
    'processor time of one message of a station',
    `a heartbeat ${whole(heartbeat)} µs, a bare echo ${whole(echo)} µs${stored === undefined ? '' : `; a meter value, priced and stored, ${whole(stored)} µs`}`,
    'of the process with the sockets, the sockets’ own work included; Postgres and all others are in the table above',
  ];
}
