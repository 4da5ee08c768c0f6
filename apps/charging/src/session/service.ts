import type { Deps } from '../deps.ts';
import { hearStatus } from '../device/service.ts';
import { idsOfStation, lockDevices } from '../device/store.ts';
import { findCard, isOfGroupThere, statusOf } from './card.ts';
import { type ChangingDeps, keep, lockCase, told as tell } from './changing.ts';
import { stated, stopped } from './hearing.ts';
import type { Metered } from './metering.ts';
import { insertReadings, readingsOf } from './readings.ts';
import type { Authorization, ConnectorSaying, Ended, Ending, Metering } from './saying.ts';
import { isOver, isRunning, quietened } from './session.ts';
import { findRunningOf, findTold, findWish, idsOnDevices, lockSessions } from './store.ts';

export { begin } from './beginning.ts';

/** Stored when it is done, with what many others say at the same time. */
export const meter = ({ meter: book }: Pick<Deps, 'meter'>, told: Metering): Promise<Metered> => book(told);

/**
 * A station says that a transaction is over. Its own last word is final, and puts right what was settled without it; what
 * no session has that name ends none.
 */
export async function end(deps: ChangingDeps, told: Ending): Promise<Ended> {
  const { stationId, transactionId, idToken, receivedAt } = told;
  const sessionId = await deps.database.transaction(async (tx) => {
    const known = await findTold(tx, { stationId, transactionId, startKey: null });
    if (!known) return null;
    await lockDevices(tx, [known.deviceId]);
    const before = await lockCase(tx, known.id);
    await insertReadings(tx, readingsOf(known.id, told));
    const ended = stopped(before.session, told);
    const session =
      told.late && ended !== before.session && !isOver(ended)
        ? quietened(ended, receivedAt, deps.sessionSettings.lateQuietSec)
        : ended;
    await keep(tx, deps, { before, after: { ...before, session }, now: deps.clock(), late: told.late });
    return known.id;
  });
  tell(deps);
  const card = idToken === null ? null : await findCard(deps.database, idToken);
  return { sessionId, status: card ? statusOf(card, deps.clock()) : 'Accepted' };
}

/** A station says how a connector is, hence whether somebody waits there, or has left. */
export async function say(deps: ChangingDeps, told: ConnectorSaying): Promise<void> {
  const { stationId, connector, status: word, errorCode = null, at, receivedAt, late } = told;
  await deps.database.transaction(async (tx) => {
    const deviceIds = await idsOfStation(tx, stationId, connector === 0 ? null : connector);
    await lockDevices(tx, deviceIds);
    // A station as a whole is out of order, or is not; how its connectors are they say themselves.
    const isTheirs = connector !== 0 || word === 'Faulted' || word === 'Unavailable';
    const ids = isTheirs ? await idsOnDevices(tx, deviceIds) : [];
    if (ids.length > 0) await lockSessions(tx, ids);
    for (const id of ids) {
      const before = await lockCase(tx, id);
      const session = stated(before.session, { word, at, receivedAt });
      await keep(tx, deps, { before, after: { ...before, session }, now: deps.clock(), late });
    }
    await hearStatus(tx, deps, { stationId, connector, status: word, errorCode, at, late }, deviceIds);
  });
  tell(deps);
}

/** Whether whoever holds this card, or wished for this start, may charge at this station. */
export async function authorize(
  deps: Pick<Deps, 'database' | 'clock' | 'sessionSettings' | 'payments' | 'log'>,
  { stationId, idToken }: { stationId: string; idToken: string },
): Promise<Authorization> {
  const { database, clock, sessionSettings } = deps;
  const as = (status: Authorization['status'], groupToken: string | null = null, expiresAt: Date | null = null) => ({
    status,
    groupToken,
    expiresAt,
  });
  const wish = await findWish(database, { stationId, idToken, remoteStartId: null });
  if (wish) return as(isOver(wish) ? 'Expired' : 'Accepted');
  const card = await findCard(database, idToken);
  if (!card) return as(sessionSettings.freeVend ? 'Accepted' : 'Invalid');
  const { groupToken, expiresAt, customerId } = card;
  const status = statusOf(card, clock());
  if (status !== 'Accepted') return as(status, groupToken, expiresAt);

  const running = await findRunningOf(database, idToken);
  if (running && isRunning(running)) {
    // They come to end it.
    return as(running.stationId === stationId ? 'Accepted' : 'ConcurrentTx', groupToken, expiresAt);
  }
  // So do others of its group, whatever is in their own wallet.
  const mayEnd = groupToken !== null && (await isOfGroupThere(database, { stationId, groupToken }));
  return as(mayEnd || (await canPay(deps, customerId)) ? 'Accepted' : 'Blocked', groupToken, expiresAt);
}

/** A wallet that cannot be read now is asked for a hold anyway, as soon as the session begins. */
async function canPay(
  { payments, sessionSettings, log }: Pick<Deps, 'payments' | 'sessionSettings' | 'log'>,
  customerId: string,
): Promise<boolean> {
  try {
    return (await payments.available(customerId)) >= sessionSettings.holdLeast;
  } catch (error) {
    log.warn({ err: error, customerId }, 'nobody says what is in a wallet; its owner may begin');
    return true;
  }
}
