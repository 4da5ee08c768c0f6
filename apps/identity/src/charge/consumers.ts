import { deviceChanged, sessionFinished, sessionMetered, sessionStarted } from '@forecourt/contracts';
import { consumer, type SqlTx } from '@forecourt/messaging';
import { keepCharges, keepDeviceStates } from './store.ts';

/*
 * Each hears for itself, so that an end may come before its beginning: what counts is the version that they share.
 */

export const keepChargeOnSessionStarted = consumer({
  event: sessionStarted,
  durable: 'identity-push-on-session-started',
  guard: 'version',
  handleMany: (tx: SqlTx, events) =>
    keepCharges(
      tx,
      events.map(({ data }) => ({ ...data, paid: 0n })),
    ),
});

export const keepChargeOnSessionMetered = consumer({
  event: sessionMetered,
  durable: 'identity-push-on-session-metered',
  guard: 'version',
  handleMany: (tx: SqlTx, events) =>
    keepCharges(
      tx,
      events.map(({ data }) => ({ ...data, paid: 0n })),
    ),
});

export const keepChargeOnSessionFinished = consumer({
  event: sessionFinished,
  durable: 'identity-push-on-session-finished',
  guard: 'version',
  handleMany: (tx: SqlTx, events) =>
    keepCharges(
      tx,
      events.map(({ data }) => data),
    ),
});

export const keepDeviceOnDeviceChanged = consumer({
  event: deviceChanged,
  durable: 'identity-push-on-device-changed',
  guard: 'version',
  handleMany: (tx: SqlTx, events) =>
    keepDeviceStates(
      tx,
      events.map(({ data }) => data),
    ),
});
