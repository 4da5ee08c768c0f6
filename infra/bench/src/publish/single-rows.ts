import type { RunResult } from '../report/results.ts';
import { number } from '../report/table.ts';

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** Figures that have no yardstick: what, how much, and how it was measured. */
export function singleRows({ singles, shop }: RunResult): string[][] {
  const { start, memoryMb, hop, events, backlog, flood, slowloris, replenish } = singles;
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
  add(
    'import of products',
    `${number(shop.products / shop.importSeconds, 0)} rows/s`,
    `through the operators' door, ${shop.products.toLocaleString('en-US')} new products; orders and catalog had all of it ${number(shop.convergedSeconds, 1)} s later`,
  );
  return rows;
}
