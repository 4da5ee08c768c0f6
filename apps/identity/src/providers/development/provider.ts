import { gather } from '@forecourt/gather';
import type { Clock, Database } from '@forecourt/service-kit';
import type { Db } from '../../customer/store.ts';
import type { OutgoingMessage, Provider } from '../../message/provider.ts';

const most = 100;

/** Keeps what would have gone out, for `GET /dev/messages`. Never in production. */
export function developmentProvider(database: Database, clock: Clock): Provider {
  const keep = gather(
    async (messages: readonly OutgoingMessage[]) => {
      const rows = JSON.stringify(messages);
      await database.$executeRaw`
        INSERT INTO development_message (id, channel, recipient, subject, text, html, created_at)
        SELECT id, channel, recipient, subject, text, html, ${clock()}::timestamptz
        FROM jsonb_to_recordset(${rows}::jsonb)
          AS row (id text, channel text, recipient text, subject text, text text, html text)
        ON CONFLICT DO NOTHING`;
      return messages;
    },
    { most },
  );
  return {
    name: 'development',
    atOnce: most,
    patienceSeconds: 10,
    send: async (message) => {
      await keep(message);
      return { outcome: 'taken', reference: null };
    },
    close: () => {},
  };
}

const page = 100;

/** Newest first. */
export const listDevelopmentMessages = (db: Db, recipient: string | null) =>
  db.developmentMessage.findMany({
    where: recipient === null ? {} : { recipient },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page,
  });
