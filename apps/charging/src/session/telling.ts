import { sessionFinished, sessionMetered, sessionStarted } from '@forecourt/contracts';
import { type OutboxEntry, outboxRow } from '@forecourt/messaging';
import { billedWaitingSec, durationSec, isOver, type Session } from './session.ts';

/** What others hear of a change; null: nothing that is theirs. A late word about what is under way is history already. */
export function newsOf(before: Session | null, after: Session, now: Date, late: boolean): OutboxEntry | null {
  const { state } = after;
  if (state === 'finished' || state === 'failed') {
    const isNew = before === null || !isOver(before) || before.amount !== after.amount || before.paid !== after.paid;
    return isNew ? outboxRow(sessionFinished, { ...progressOf(after, now), state, paid: after.paid }) : null;
  }
  if (late || state === 'requested' || state === 'held') return null;
  const isBegun =
    before !== null && (before.state === 'starting' || before.state === 'charging' || before.state === 'waiting');
  if (!isBegun && state !== 'waiting') return outboxRow(sessionStarted, { ...progressOf(after, now), state });
  return isBegun && !hasMoved(before, after, now)
    ? null
    : outboxRow(sessionMetered, { ...progressOf(after, now), state });
}

const hasMoved = (before: Session, after: Session, now: Date): boolean =>
  before.state !== after.state ||
  before.meteredAt?.getTime() !== after.meteredAt?.getTime() ||
  before.amount !== after.amount ||
  before.energyWh !== after.energyWh ||
  billedWaitingSec(before, now) !== billedWaitingSec(after, now);

const progressOf = (session: Session, now: Date) => ({
  sessionId: session.id,
  version: session.version,
  customerId: session.customerId,
  deviceId: session.deviceId,
  energyWh: Number(session.energyWh),
  durationSec: durationSec(session, now),
  waitingSec: billedWaitingSec(session, now),
  amount: session.amount,
  currency: session.currency,
  at: now,
});
