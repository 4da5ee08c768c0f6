import type { Clock } from '@forecourt/service-kit';
import type { Db } from '../../customer/store.ts';
import type { Transport } from '../../message/service.ts';

/** Keeps what would have gone out, for `GET /dev/messages`. Never in production. */
export const developmentTransport = (db: Db, clock: Clock): Transport => ({
  send: async ({ id, channel, recipient, subject, text, html }) => {
    await db.developmentMessage.createMany({
      data: { id, channel, recipient, subject, text, html, createdAt: clock() },
      skipDuplicates: true,
    });
  },
  close: () => {},
});

const page = 100;

/** Newest first. */
export const listDevelopmentMessages = (db: Db, recipient: string | null) =>
  db.developmentMessage.findMany({
    where: recipient === null ? {} : { recipient },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page,
  });
