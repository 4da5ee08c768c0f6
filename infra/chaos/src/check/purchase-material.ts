import type { Evidence } from '../evidence.ts';
import type { Bay } from '../yard.ts';
import type { BookedCharge, PurchaseMaterial } from './purchases.ts';

export async function gatherPurchases(evidence: Evidence): Promise<PurchaseMaterial> {
  const { database, history, yard, chargePushes } = evidence;
  const rowsOf = async <Row extends object>(sql: string) => (await database.query<Row>(sql)).rows;
  const brokerFaults = history.faults.filter(
    ({ kind, impossible }) => kind.startsWith('broker-') && impossible === undefined,
  );
  const now = Date.now();
  return {
    booked: yard.bays.flatMap((bay) => bookOf(bay, now)),
    complaints: yard.bays.flatMap(({ station }) => station.complaints.map((one) => `${station.identity}: ${one}`)),
    sessions: await rowsOf(sessions),
    portions: await rowsOf(
      'SELECT session_id AS "sessionId", n, status, captured::float8 FROM charging.session_hold ORDER BY session_id, n',
    ),
    moved: await rowsOf(moved),
    told: await rowsOf(told),
    known: await rowsOf(`
      SELECT session_id AS "sessionId", version, told_state AS "toldState", told_amount::float8 AS "toldAmount"
      FROM identity.charge`),
    topics: new Map(
      (await rowsOf<{ id: string; topic: string }>('SELECT customer_id AS id, topic FROM identity.push_topic')).map(
        ({ id, topic }) => [id, topic],
      ),
    ),
    pushes: chargePushes,
    devices: await rowsOf(`
      SELECT station.identity, device.state, known.state AS shown
      FROM charging.device JOIN charging.station ON station.id = device.station_id
      LEFT JOIN identity.device_state AS known ON known.device_id = device.id`),
    commands: await rowsOf(`
      SELECT session_id AS "sessionId", action, outcome,
        extract(epoch FROM clock_timestamp() - deadline_at)::float8 AS "overdueSeconds"
      FROM charging.command`),
    feedback: new Set(
      (await rowsOf<{ id: string }>('SELECT session_id AS id FROM charging.feedback')).map(({ id }) => id),
    ),
    losses: brokerFaults.filter(({ kind }) => kind === 'broker-loss').length,
    isMissing: brokerFaults.length > 0,
    asked: history.operations.filter(({ kind }) => kind.endsWith('-charge') || kind === 'give-feedback'),
  };
}

/** A charge without a cable is none: nothing flowed, and in 1.6 nobody is told. */
const bookOf = ({ station }: Bay, now: number): BookedCharge[] =>
  station.charges.map(({ id, number, idToken, energyWh, beganAt, leftAt, flow }) => ({
    identity: station.identity,
    transactionId: station.version === '2.0.1' ? id : number === null ? null : String(number),
    idToken,
    energyWh,
    staySeconds: ((leftAt?.getTime() ?? now) - beganAt.getTime()) / 1_000,
    isStopped: flow === 'stopped',
  }));

const sessions = `
  SELECT session.id, station.identity, device_id AS "deviceId", customer_id AS "customerId", state, origin, version,
    transaction_id AS "transactionId", id_token AS "idToken", started_at IS NOT NULL AS "hasBegun",
    energy_wh::float8 AS "energyWh", price::float8, waiting_price::float8 AS "waitingPrice", amount::float8,
    paid::float8, flag
  FROM charging.session JOIN charging.station ON station.id = session.station_id`;

const moved = `
  SELECT coalesce(h.key, t.key) AS key, coalesce(h.owner, t.owner) AS owner, h.status AS held,
    coalesce(-t.amount, 0)::float8 AS taken
  FROM (SELECT hold.key, hold.status, a.owner FROM payments.hold
      LEFT JOIN payments.account AS a ON a.id = hold.account_id WHERE hold.key LIKE 'session:%') AS h
  FULL JOIN (SELECT transfer.key, p.amount, a.owner FROM payments.transfer
      JOIN payments.posting AS p ON p.transfer_id = transfer.id
      JOIN payments.account AS a ON a.id = p.account_id AND a.kind = 'wallet'
      WHERE transfer.key LIKE 'session:%') AS t ON t.key = h.key`;

const told = `
  SELECT aggregate_id AS "sessionId", split_part(subject, '.', 3) AS event, aggregate_version AS version,
    data->>'state' AS state, (data->>'energyWh')::float8 AS "energyWh", (data->>'amount')::float8 AS amount,
    (data->>'paid')::float8 AS paid
  FROM charging.outbox WHERE subject LIKE 'charging.session.%'`;
