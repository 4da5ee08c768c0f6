import type { Deps } from '../deps.ts';
import { findDevice } from '../device/store.ts';
import { chargeAgain, keyOf, type Portion } from '../money/money.ts';
import { askStation } from '../station/asking.ts';
import { type ChangingDeps, changeSession, type Named } from './changing.ts';
import { type Case, type Errand, errandOf } from './plan.ts';
import { fail, flagged, isRunning, type Session } from './session.ts';

export type ErrandDeps = ChangingDeps & Pick<Deps, 'lines' | 'log' | 'payments'>;

/** More than a session ever has to do at once. */
const mostInARow = 30;

/**
 * Brings a session on as far as it goes now: what follows from the time, then one question after the other to payments and
 * to its station, each outside of any transaction, its outcome noted before the next. What is not noted is asked again.
 */
export async function advance(deps: ErrandDeps, named: Named): Promise<Case> {
  for (let count = 1; ; count += 1) {
    const known = await changeSession(deps, named, (before) => before);
    const errand = errandOf(known, deps.clock(), deps.sessionSettings);
    if (!errand || count > mostInARow) return known;
    try {
      await run(deps, known, errand);
    } catch (error) {
      const after = errand.do === 'place' || errand.do === 'collect' ? postponed : stationPostponed;
      await changeSession(deps, named, (before, now) => ({ ...before, session: after(before.session, now) }));
      throw error;
    }
  }
}

async function run(deps: ErrandDeps, known: Case, errand: Errand): Promise<unknown> {
  switch (errand.do) {
    case 'place':
      return await place(deps, known.session, errand.portion);
    case 'start':
      return await start(deps, known.session);
    case 'stop':
      return await stop(deps, known.session);
    case 'look':
      return await look(deps, known.session);
    case 'collect':
      return await collect(deps, known.session, errand.portion);
  }
}

/** Far beyond the end of any session, so that nothing that is used is given back meanwhile. */
const holdDays = 30;

async function place(deps: ErrandDeps, session: Session, portion: Portion): Promise<void> {
  const held = await deps.payments.place({
    key: keyOf(session.id, portion),
    customerId: payerOf(session),
    amount: portion.wanted,
    atLeast: portion.n === 1 ? least(deps.sessionSettings.holdLeast, portion.wanted) : 1n,
    reference: referenceOf(session),
    expiresAt: new Date(portion.askedAt.getTime() + holdDays * 24 * 3_600_000),
  });
  await note(deps, session, portion, (before, now) => {
    if (held === null) return refused(before, now);
    const status = held.ended ? 'released' : 'placed';
    const isFirst = before.session.state === 'requested' && status === 'placed';
    const after = withPortion(before, { ...of(before, portion), status, amount: held.ended ? 0n : held.amount });
    return isFirst ? { ...after, session: { ...after.session, state: 'held' } } : after;
  });

  function refused(before: Case, now: Date): Case {
    // Counted from now on: so long is left before the wallet is asked again.
    const after = withPortion(before, { ...of(before, portion), status: 'refused', askedAt: now });
    return before.session.state === 'requested'
      ? { ...after, session: fail(after.session, now, 'insufficient_balance') }
      : after;
  }
}

/** That it is asked is written down first: whoever takes over after a crash waits for what comes of it, and asks nothing. */
async function start(deps: ErrandDeps, { id, deviceId, stationId }: Session): Promise<void> {
  const marked = await changeSession(deps, { id, deviceId }, (before, now) =>
    before.session.state === 'held' && !before.session.startAskedAt
      ? { ...before, session: { ...before.session, startAskedAt: now } }
      : before,
  );
  const { state, idToken, remoteStartId } = marked.session;
  const device = await findDevice(deps.database, deviceId);
  if (state !== 'held' || !device || idToken === null || remoteStartId === null) return;
  const wish = { action: 'remoteStart', connector: device.connector, idToken, remoteStartId } as const;
  const { outcome } = await askStation(deps, stationId, wish, { deadlineMs: startDeadlineMs, sessionId: id });
  await changeSession(deps, { id, deviceId }, (before, now) => {
    // The transaction may have begun before the answer came.
    if (before.session.state !== 'held') return before;
    if (outcome === 'accepted') return { ...before, session: { ...before.session, state: 'starting' } };
    return { ...before, session: fail(before.session, now, refusalOf[outcome]) };
  });
}

const refusalOf = {
  rejected: 'device_busy',
  not_supported: 'device_busy',
  offline: 'device_offline',
  failed: 'device_offline',
  timeout: 'device_timeout',
} as const;

const startDeadlineMs = 10_000;
const stopDeadlineMs = 10_000;
/** Until a station that said that it would stop is asked once more. */
const stopPatienceSec = 60;

async function stop(deps: ErrandDeps, { id, deviceId, stationId, transactionId }: Session): Promise<void> {
  const wish = { action: 'remoteStop', transactionId: transactionId as string } as const;
  const { outcome } = await askStation(deps, stationId, wish, { deadlineMs: stopDeadlineMs, sessionId: id });
  await changeSession(deps, { id, deviceId }, (before, now) => {
    const { session } = before;
    if (!isRunning(session) || session.stoppedAt) return before;
    if (outcome !== 'accepted') return { ...before, session: stationPostponed(session, now) };
    const stationNotBefore = afterSeconds(now, stopPatienceSec);
    return { ...before, session: { ...session, stationAttempts: 0, stationNotBefore } };
  });
}

/** A session that nobody has heard of for a while: its station may just have nothing to say. */
async function look(deps: ErrandDeps, { id, deviceId, stationId, transactionId }: Session): Promise<void> {
  const options = { deadlineMs: stopDeadlineMs, sessionId: id };
  const device = await findDevice(deps.database, deviceId);
  const connector = device?.connector ?? 1;
  for (const message of ['StatusNotification', 'MeterValues']) {
    await askStation(deps, stationId, { action: 'trigger', message, connector }, options);
  }
  if (transactionId) await askStation(deps, stationId, { action: 'getTransactionStatus', transactionId }, options);
  await changeSession(deps, { id, deviceId }, (before, now) => ({
    ...before,
    session: { ...before.session, stationNotBefore: afterSeconds(now, deps.sessionSettings.silenceSec) },
  }));
}

async function collect(deps: ErrandDeps, session: Session, portion: Portion): Promise<void> {
  const key = keyOf(session.id, portion);
  const take = portion.take ?? 0n;
  if (portion.kind === 'charge') return await charge(deps, session, portion);
  if (take === 0n) {
    await deps.payments.release(key);
    return await note(deps, session, portion, (before) =>
      withPortion(before, { ...of(before, portion), status: 'released' }),
    );
  }
  const captured = await deps.payments.capture({ key, amount: take });
  await note(deps, session, portion, (before, now) => {
    if (captured) return withPortion(before, { ...of(before, portion), status: 'captured', captured: take });
    const lost = withPortion(before, { ...of(before, portion), status: 'released' });
    deps.log.error(
      { sessionId: session.id, key },
      'what was held for a session is held no more; the wallet is charged',
    );
    return {
      ...lost,
      portions: chargeAgain(lost.portions, take, now),
      session: { ...lost.session, ...flagged(lost.session, 'hold_lost') },
    };
  });
}

/** How often what a wallet has left is asked for, when it always has less in the end. */
const mostCharges = 5;

async function charge(deps: ErrandDeps, session: Session, portion: Portion): Promise<void> {
  const { wanted } = portion;
  const wish = { key: keyOf(session.id, portion), customerId: payerOf(session), amount: wanted };
  const charged = await deps.payments.charge({ ...wish, reference: referenceOf(session) });
  const available = charged ? 0n : await deps.payments.available(wish.customerId);
  await note(deps, session, portion, (before, now) => {
    if (charged) {
      return withPortion(before, { ...of(before, portion), status: 'captured', amount: wanted, captured: wanted });
    }
    const after = withPortion(before, { ...of(before, portion), status: 'refused' });
    const part = least(available, wanted);
    if (part <= 0n || portion.n > mostCharges + 1 + after.portions.filter(({ kind }) => kind === 'hold').length)
      return after;
    return { ...after, portions: chargeAgain(after.portions, part, now) };
  });
}

/** Notes what came of a question, unless that was noted meanwhile. */
async function note(
  deps: ErrandDeps,
  { id, deviceId }: Session,
  { n, status }: Portion,
  change: (before: Case, now: Date) => Case,
): Promise<void> {
  await changeSession(deps, { id, deviceId }, (before, now) => {
    if (before.portions.find((known) => known.n === n)?.status !== status) return before;
    const after = change(before, now);
    return { ...after, session: { ...after.session, attempts: 0, notBefore: null } };
  });
}

const of = ({ portions }: Case, { n }: Portion): Portion => portions.find((known) => known.n === n) as Portion;

const withPortion = (before: Case, portion: Portion): Case => ({
  ...before,
  portions: before.portions.map((known) => (known.n === portion.n ? portion : known)),
});

const postponed = (session: Session, now: Date): Session => ({
  ...session,
  attempts: nextAttempt(session.attempts),
  notBefore: afterSeconds(now, pauseSec(session.attempts)),
});

const stationPostponed = (session: Session, now: Date): Session => ({
  ...session,
  stationAttempts: nextAttempt(session.stationAttempts),
  stationNotBefore: afterSeconds(now, pauseSec(session.stationAttempts)),
});

/** Ten seconds, then twice as long each time, up to five minutes. */
const pauseSec = (attempts: number): number => Math.min(10 * 2 ** attempts, 300);
const nextAttempt = (attempts: number): number => Math.min(attempts + 1, 1_000);

function payerOf({ id, customerId }: Session): string {
  if (customerId === null) throw new Error(`nobody pays for session ${id}`);
  return customerId;
}

const referenceOf = ({ id }: Session) => `session:${id}`;
const afterSeconds = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1_000);
const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
