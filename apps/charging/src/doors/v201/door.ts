import { gather } from '@forecourt/gather';
import type { SqlTx } from '@forecourt/messaging';
import type { Connection } from '../../ocpp/connection.ts';
import { end } from '../../session/service.ts';
import type { Door } from '../../station/door.ts';
import type { Carried, Wish } from '../../station/wish.ts';
import { answering, type DoorDeps } from '../answering.ts';
import { createGreeting, type GreetingSettings } from '../greeting.ts';
import { hashOf } from '../handled.ts';
import { carriedBy } from '../outcome.ts';
import { visitOf } from '../visit.ts';
import { duties201 } from './calls.ts';
import { asking201, isForgotten } from './commands.ts';
import { askForReport } from './report.ts';
import { plugIn } from './statuses.ts';

/** OCPP 2.0.1. */
export function door201(deps: DoorDeps, settings: GreetingSettings): Door {
  const greet = createGreeting(deps, settings);
  const runningAt = gather((stationIds: readonly string[]) => runningAtAll(deps.database, stationIds), { most: 500 });
  let number = Math.floor(deps.clock().getTime() / 1_000) % 1_000_000_000;

  async function carryOut(connection: Connection, wish: Wish, deadlineMs: number): Promise<Carried> {
    number += 1;
    if (wish.action === 'getConfiguration' && wish.keys.length === 0) {
      const began = performance.now();
      const report = await askForReport(connection, number, deadlineMs);
      if (report) return report;
      return ask(connection, wish, deadlineMs - (performance.now() - began));
    }
    return ask(connection, wish, deadlineMs);
  }

  async function ask(connection: Connection, wish: Wish, deadlineMs: number): Promise<Carried> {
    const asking = asking201(wish, number, wish.action === 'unlock' ? plugIn(visitOf(connection), wish.connector) : 1);
    if (!asking) return { outcome: 'not_supported', answer: null };
    const carried = carriedBy(await connection.call(asking.action, asking.payload, deadlineMs), asking.judge);
    if (wish.action === 'getTransactionStatus' && isForgotten(carried.answer)) {
      await endForgotten(deps, connection, wish.transactionId);
    }
    return carried;
  }

  return {
    protocol: 'ocpp2.0.1',
    handle: answering(deps, duties201(deps)),
    carryOut,
    async connected(connection) {
      await greet(connection, (connector) =>
        asking201({ action: 'trigger', message: 'StatusNotification', connector }, number),
      );
      if (connection.status !== 'accepted' || !connection.isOpen) return;
      for (const transactionId of await runningAt(connection.stationId)) {
        if (connection.isOpen) await carryOut(connection, { action: 'getTransactionStatus', transactionId }, answerMs);
      }
    },
  };
}

const answerMs = 15_000;

async function runningAtAll(tx: Pick<SqlTx, '$queryRaw'>, stationIds: readonly string[]): Promise<string[][]> {
  const rows = await tx.$queryRaw<{ stationId: string; transactionId: string }[]>`
    SELECT station_id AS "stationId", transaction_id AS "transactionId" FROM session
     WHERE station_id = ANY(${stationIds}::text[]) AND state IN ('charging', 'waiting') AND stopped_at IS NULL
       AND protocol = 'ocpp2.0.1' AND transaction_id IS NOT NULL
     ORDER BY id`;
  const found = Map.groupBy(rows, ({ stationId }) => stationId);
  return stationIds.map((id) => found.get(id)?.map(({ transactionId }) => transactionId) ?? []);
}

/** It ended, and nobody will ever tell how: when it was last heard of is all that is known. */
async function endForgotten(deps: DoorDeps, { stationId, protocol }: Connection, transactionId: string): Promise<void> {
  const receivedAt = deps.clock();
  const [known] = await deps.database.$queryRaw<{ heardAt: Date | null }[]>`
    SELECT heard_at AS "heardAt" FROM session WHERE station_id = ${stationId} AND transaction_id = ${transactionId}`;
  await end(deps, {
    stationId,
    protocol,
    transactionId,
    at: known?.heardAt ?? receivedAt,
    receivedAt,
    late: false,
    key: hashOf('forgotten', transactionId),
    meterStopWh: null,
    reason: 'Reboot',
    idToken: null,
    readings: [],
  });
}
