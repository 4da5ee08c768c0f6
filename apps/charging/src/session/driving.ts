import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { whyNotStarted } from '../device/device.ts';
import { factsOf, findDevice, lockDevices } from '../device/store.ts';
import { findReservationOf } from '../reservation/store.ts';
import { askStation } from '../station/asking.ts';
import { changeSession, keep, lockCase, told as tell } from './changing.ts';
import { advance, type ErrandDeps } from './errands.ts';
import { newStartToken, openSession } from './opening.ts';
import type { Case } from './plan.ts';
import { fail, finish, isOver, priced, type Session, wantStopped } from './session.ts';
import { findLastOf, findOnDevice, findSession, handBack, insertSession, nextNumber } from './store.ts';
import { leaseMs } from './worker.ts';

interface Wish {
  readonly customerId: string;
  readonly deviceId: string;
}

/**
 * Holds money, asks the station, and answers when it has accepted. Refuses `device_not_found`, `device_busy`,
 * `device_offline`, `device_timeout`, `insufficient_balance`, and that payments is away; then nothing stays held. What is
 * cut short by the end of the process is given up by another one: nobody waits for it by then.
 */
export async function startSession(deps: ErrandDeps, wish: Wish): Promise<Session> {
  const lease = new Date(deps.clock().getTime() + leaseMs);
  const { id } = await request(deps, wish, lease);
  const named = { id, deviceId: wish.deviceId };
  try {
    const { session } = await advance(deps, named).catch((error: unknown) => giveUp(deps, named, error));
    if (session.state === 'failed') throw refusalOf(deps, session);
    if (session.state !== 'starting' && !session.startedAt) throw refusalOf(deps, session);
    return session;
  } finally {
    await handBack(deps.database, { id, lease }).catch((error: unknown) =>
      deps.log.warn({ err: error, sessionId: id }, 'a session is left to its lease'),
    );
    tell(deps);
  }
}

async function request(deps: ErrandDeps, { customerId, deviceId }: Wish, takenUntil: Date): Promise<Session> {
  const requested = await deps.database.transaction(async (tx) => {
    await lockDevices(tx, [deviceId]);
    const device = await findDevice(tx, deviceId);
    if (!device?.active) throw new AppError('device_not_found', 'There is no such device.');
    const now = deps.clock();
    const refusal = whyNotStarted(factsOf(device, now, deps.deviceSettings), customerId);
    if (refusal) throw new AppError(refusal, sentences[refusal]);
    const number = await nextNumber(tx);
    // Whose reservation it is, the station lets begin by that alone.
    const reservation = await findReservationOf(tx, { deviceId, customerId });
    const idToken = reservation?.status === 'active' ? reservation.idToken : newStartToken();
    const opening = { number, origin: 'app', customerId, idToken } as const;
    const session = openSession(device, opening, now, deps.sessionSettings);
    await insertSession(tx, { session, takenUntil });
    const before: Case = { session, portions: [], lostAt: null };
    return (await keep(tx, deps, { before, after: before, now, isNew: true })).session;
  });
  deps.wrote();
  return requested;
}

/** Whoever waits for it is told at once; what payments has done of it is taken back. */
async function giveUp(deps: ErrandDeps, named: { id: string; deviceId: string }, error: unknown): Promise<Case> {
  await changeSession(deps, named, (before, now) =>
    before.session.startedAt ? before : { ...before, session: fail(before.session, now, whyGivenUp(before.session)) },
  );
  throw error;
}

/** The first to be asked is payments. */
const whyGivenUp = ({ state }: Session) => (state === 'requested' ? 'payments_away' : 'device_timeout');

const sentences = {
  device_busy: 'The device is in use.',
  device_offline: 'The device is not connected.',
  device_timeout: 'The device did not answer in time.',
} as const;

function refusalOf(deps: ErrandDeps, { reason, currency }: Session): AppError {
  if (reason === 'insufficient_balance') {
    const { holdLeast } = deps.sessionSettings;
    const needed = `${toMajorUnits(holdLeast, currency)} ${currency}`;
    return new AppError('insufficient_balance', `The balance is too small: ${needed} needed.`, { params: { needed } });
  }
  const code = reason === 'device_busy' || reason === 'device_offline' ? reason : 'device_timeout';
  return new AppError(code, sentences[code]);
}

/** After that a driver who ends a session again ends nothing. */
const finishAgainMs = 24 * 3_600_000;

/** Asks the station to stop, now; it is over when the station says so. A second time it is the same session. */
export async function finishSession(deps: ErrandDeps, { customerId, deviceId }: Wish): Promise<Session> {
  const found = await deps.database.transaction(async (tx) => {
    await lockDevices(tx, [deviceId]);
    const now = deps.clock();
    const there = await findOnDevice(tx, deviceId);
    if (there?.customerId === customerId) {
      const before = await lockCase(tx, there.id);
      const session = wantStopped(before.session, now, 'driver');
      return (await keep(tx, deps, { before, after: { ...before, session }, now })).session;
    }
    const last = await findLastOf(tx, { customerId, deviceId });
    return last?.endedAt && last.startedAt && now.getTime() - last.endedAt.getTime() < finishAgainMs ? last : null;
  });
  if (!found) throw new AppError('purchase_not_found', 'Nothing of yours runs on that device.');
  tell(deps);
  return found;
}

/**
 * An operator's: by way of the station, or at once by what is known; then a station that is there is asked to stop all the
 * same, once, and what it gives until then is added. Refuses `purchase_not_found` and `purchase_move_refused`.
 */
export async function forceFinish(
  deps: ErrandDeps,
  { sessionId, settle }: { sessionId: string; settle: boolean },
): Promise<Session> {
  const known = await findSession(deps.database, sessionId);
  if (!known) throw new AppError('purchase_not_found', 'There is no such session.');
  const { session } = await changeSession(deps, { id: sessionId, deviceId: known.deviceId }, (before, now) => {
    if (isOver(before.session)) throw new AppError('purchase_move_refused', 'The session is over.');
    if (!settle || !before.session.startedAt) {
      return { ...before, session: wantStopped(before.session, now, 'operator') };
    }
    const last = before.session.heardAt ?? now;
    return { ...before, session: { ...finish(priced(before.session, last), last), reason: 'operator' } };
  });
  if (isOver(session) && session.transactionId !== null && !session.stoppedAt) {
    askToStopAnyway(deps, session, session.transactionId);
  }
  return session;
}

const stopDeadlineMs = 10_000;

function askToStopAnyway(deps: ErrandDeps, { id, stationId }: Session, transactionId: string): void {
  const wish = { action: 'remoteStop', transactionId } as const;
  askStation(deps, stationId, wish, { deadlineMs: stopDeadlineMs, sessionId: id }).catch((error: unknown) =>
    deps.log.warn({ err: error, sessionId: id }, 'the station of a settled session could not be asked to stop'),
  );
}
