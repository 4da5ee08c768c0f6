import type { Operation } from '../history.ts';
import type { Tally } from './check.ts';
import type { PurchaseKind, PurchaseMaterial } from './purchases.ts';

/** What drivers were told is so, and nothing was begun from afar that nobody wished for. */
export function demandAnswers(tally: Tally<PurchaseKind>, { asked, sessions, feedback }: PurchaseMaterial): void {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  const placeOf = (customerId: string | null | undefined, deviceId: string | undefined) =>
    `${customerId} at ${deviceId}`;
  const wishes = Map.groupBy(
    asked.filter(({ kind }) => kind === 'start-charge'),
    ({ about }) => placeOf(about.customerId, about.deviceId),
  );
  const byApp = Map.groupBy(
    sessions.filter(({ origin }) => origin === 'app'),
    ({ customerId, deviceId }) => placeOf(customerId, deviceId),
  );
  for (const place of new Set([...wishes.keys(), ...byApp.keys()])) {
    const all = wishes.get(place) ?? [];
    const made = byApp.get(place) ?? [];
    const promised = all.filter(({ outcome }) => outcome === 'ok').length;
    // What is refused may have been looked into; what came late is a session of its own beside the one that was given up.
    const late = made.filter(({ flag }) => flag === 'late_start').length;
    const isBetween = made.length >= promised && made.length - late <= all.length;
    tally.demand(
      'answers to drivers',
      isBetween,
      () =>
        `${place} wished ${all.length} times, was told ${promised} times that it starts, and has ${made.length} sessions`,
    );
  }
  const isTheirs = ({ about }: Operation) => byId.get(about.purchaseId ?? '')?.customerId === about.customerId;
  for (const operation of asked) {
    const { id, kind, outcome, about } = operation;
    if (outcome !== 'ok') continue;
    if (kind === 'finish-charge') {
      const isThere = isTheirs(operation) && byId.get(about.purchaseId ?? '')?.deviceId === about.deviceId;
      tally.demand(
        'answers to drivers',
        isThere,
        () => `finish ${id} was told of ${about.purchaseId}, which is not theirs`,
      );
    } else if (kind === 'give-feedback') {
      const isKept = isTheirs(operation) && feedback.has(about.purchaseId ?? '');
      tally.demand(
        'answers to drivers',
        isKept,
        () => `feedback ${id} on ${about.purchaseId} was taken and is not there`,
      );
    }
  }
}
