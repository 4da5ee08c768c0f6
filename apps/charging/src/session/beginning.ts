import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { type Device, findDevice, idsOfStation, lockDevices } from '../device/store.ts';
import { findCard, statusOf } from './card.ts';
import { type ChangingDeps, keep, lockCase, told as tell } from './changing.ts';
import { begun, begunEarlier, metered, stated } from './hearing.ts';
import { handedOver, unheard } from './mistaken.ts';
import { openSession } from './opening.ts';
import { payerOf } from './payer.ts';
import type { Case } from './plan.ts';
import { moveReadings } from './readings.ts';
import type { AuthorizationStatus, Beginning, Begun } from './saying.ts';
import { askToStop, fail, finish, identified, isOver, isToCome, quietened, type Session } from './session.ts';
import { findOnDevice, findTold, findWish, insertSession, nextNumber } from './store.ts';

export type BeginningDeps = ChangingDeps & Pick<Deps, 'log'>;

/**
 * A station says that a transaction has begun. That is a fact, whoever it is that charges: it is booked, and the answer
 * says whether they may. Told again, also by another message and at the same time, it is the same session.
 */
export async function begin(deps: BeginningDeps, told: Beginning): Promise<Begun> {
  const begun = await deps.database.transaction(async (tx) => {
    const deviceId = await deviceOf(tx, told);
    const wish = await findWish(tx, told);
    await lockDevices(
      tx,
      [...new Set([deviceId, wish?.deviceId])].filter((id) => id != null),
    );
    const known = await findTold(tx, { ...told, startKey: told.transactionId === null ? told.key : null });
    if (known) return await again(tx, deps, known, told);

    const device = deviceId === null ? null : await findDevice(tx, deviceId);
    if (!device) return { sessionId: null, number: await nextNumber(tx), status: 'Invalid' } satisfies Begun;
    return await book(tx, deps, device, told);
  });
  tell(deps);
  return begun;
}

/** What the message does not name is the only one that there is. */
async function deviceOf(tx: SqlTx, { stationId, connector }: Beginning): Promise<string | null> {
  if (connector === 0) return null;
  const ids = await idsOfStation(tx, stationId, connector);
  return ids.length === 1 ? (ids[0] as string) : null;
}

/** Perhaps by what was lost the first time: the start itself, after what followed it. */
async function again(tx: SqlTx, deps: BeginningDeps, { id, deviceId }: Session, told: Beginning): Promise<Begun> {
  await lockDevices(tx, [deviceId]);
  const before = await lockCase(tx, id);
  if (isAnothers(before.session, told)) return await handOver(tx, deps, before, told);
  const session = told.found ? before.session : await withStart(tx, deps, before.session, told);
  if (session !== before.session) {
    await keep(tx, deps, { before, after: { ...before, session }, now: deps.clock(), late: told.late });
  }
  return { sessionId: id, number: before.session.number, status: await statusFor(tx, deps, session) };
}

async function withStart(tx: SqlTx, deps: BeginningDeps, session: Session, told: Beginning): Promise<Session> {
  const begun = begunEarlier(isNamed(told) ? { ...session, assumed: false } : session, told);
  if (begun.origin !== 'found') return begun;
  const now = deps.clock();
  const payer = await payerOf(tx, told, now, deps.sessionSettings.freeVend);
  if (payer.origin === 'found') return begun;
  if (payer.wish && isToCome(payer.wish)) await makeRoom(tx, deps, payer.wish, told, now);
  const known = identified(begun, { ...payer, idToken: told.idToken, prices: payer.wish });
  return payer.stop ? askToStop(known, now, payer.stop) : known;
}

/** What is over has been paid for, and stays as it is. */
const isAnothers = (session: Session, told: Beginning): boolean =>
  session.assumed && !isOver(session) && isNamed(told) && !isWishFor(session, told);

const isNamed = ({ idToken, remoteStartId }: Beginning): boolean => idToken !== null || remoteStartId !== null;

async function handOver(tx: SqlTx, deps: BeginningDeps, before: Case, told: Beginning): Promise<Begun> {
  const device = await findDevice(tx, before.session.deviceId);
  if (!device) throw new Error(`device ${before.session.deviceId} is gone`);
  const now = deps.clock();
  const after = { ...before, session: unheard(before.session, now) };
  await keep(tx, deps, { before, after, now, late: told.late });
  const begun = await openFor(tx, deps, { device, told, now }, (opened) => handedOver(opened, before.session, told));
  await moveReadings(tx, { from: before.session.id, to: begun.sessionId });
  return begun;
}

async function book(tx: SqlTx, deps: BeginningDeps, device: Device, told: Beginning): Promise<Begun> {
  const now = deps.clock();
  const there = await findOnDevice(tx, device.id);
  if (there && isToCome(there) && isWishFor(there, told)) {
    const before = await lockCase(tx, there.id);
    const session = { ...start(deps, before.session, told), assumed: !isNamed(told) };
    await keep(tx, deps, { before, after: { ...before, session }, now, late: told.late });
    return { sessionId: there.id, number: there.number, status: 'Accepted' };
  }
  // Out of order: what began before that which is there now has ended without a word.
  const isPast = there?.startedAt != null && told.at < there.startedAt;
  if (there && !isPast) await makeRoom(tx, deps, there, told, now);
  return await openFor(tx, deps, { device, told, now }, (opened) => {
    const started = start(deps, opened, told);
    return isPast ? finish(started, told.at, 'no_stop') : started;
  });
}

interface ForWhom {
  readonly device: Device;
  readonly told: Beginning;
  readonly now: Date;
}

/** A session of its own, for whoever it is by what the station says. */
async function openFor(
  tx: SqlTx,
  deps: BeginningDeps,
  { device, told, now }: ForWhom,
  begin: (opened: Session) => Session,
): Promise<Begun & { readonly sessionId: string }> {
  const { sessionSettings } = deps;
  const { origin, customerId, status, stop, flag, wish } = await payerOf(tx, told, now, sessionSettings.freeVend);
  // The station chose another of its connectors: the money of that wish is free, and this one asks for its own.
  if (wish && isToCome(wish)) await makeRoom(tx, deps, wish, told, now);
  const number = await nextNumber(tx);
  const opening = { number, origin, customerId, idToken: told.idToken, flag, prices: flag && wish };
  const opened = openSession(device, opening, now, sessionSettings);
  const session = begin(opened);
  const asked = stop ? askToStop(session, now, stop) : session;
  await insertSession(tx, { session: asked, takenUntil: null });
  const before: Case = { session: opened, portions: [], lostAt: null };
  await keep(tx, deps, { before, after: { ...before, session: asked }, now, late: told.late, isNew: true });
  return { sessionId: session.id, number, status };
}

/** By what it is called; a transaction whose start was lost names nobody, and is what the station was asked for. */
function isWishFor({ remoteStartId, idToken, startAskedAt }: Session, told: Beginning): boolean {
  if (!isNamed(told)) return told.found === true && startAskedAt !== null;
  return told.remoteStartId === remoteStartId || told.idToken?.toUpperCase() === idToken;
}

function start({ sessionSettings }: BeginningDeps, session: Session, told: Beginning): Session {
  const { transactionId, key, chargingState: word, at, receivedAt, late } = told;
  const started = begun(session, {
    ...told,
    transactionId: transactionId ?? String(session.number),
    startKey: transactionId === null ? key : null,
  });
  const read = metered(started, { readings: told.readings ?? [], receivedAt, late });
  const said = word ? stated(read, { word, at, receivedAt }) : read;
  // Of a start that was lost the rest may be on its way: whose it is, above all.
  return late || told.found ? quietened(said, receivedAt, sessionSettings.lateQuietSec) : said;
}

/** A device has one session at a time: what was wished for loses to what happened, what went on has ended unheard. */
async function makeRoom(tx: SqlTx, deps: BeginningDeps, { id }: Session, told: Beginning, now: Date): Promise<void> {
  const before = await lockCase(tx, id);
  const { session } = before;
  const lastWord = session.heardAt && session.heardAt < told.at ? session.heardAt : told.at;
  const after = isToCome(session) ? fail(session, now, 'device_busy') : finish(session, lastWord, 'superseded');
  await keep(tx, deps, { before, after: { ...before, session: after }, now, late: told.late });
}

async function statusFor(
  tx: SqlTx,
  { clock }: BeginningDeps,
  { origin, idToken }: Session,
): Promise<AuthorizationStatus> {
  if (origin === 'found') return 'Invalid';
  return origin === 'card' && idToken !== null ? statusOf(await findCard(tx, idToken), clock()) : 'Accepted';
}
