import { sessionRevoked } from '@forecourt/contracts';
import { consumer, type SqlTx } from '@forecourt/messaging';
import { closeSessions } from './store.ts';

/** Only notes that connections are to end: the broker is told outside of any transaction, as often as it takes. */
export const disconnectOnSessionRevoked = consumer({
  event: sessionRevoked,
  durable: 'identity-disconnect-on-session-revoked',
  handleMany: (tx: SqlTx, events) =>
    closeSessions(
      tx,
      events.map(({ data }) => data.sessionId),
    ),
});
