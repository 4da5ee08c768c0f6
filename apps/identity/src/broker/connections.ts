import type { Nats } from '@forecourt/messaging';
import { z } from 'zod';
import { type AppConnection, appAccount } from './broker.ts';

/** What the system account of the broker says and does about the connections of apps. */
export interface Connections {
  /** As each server of the broker answers, and page by page: of one session, or all. */
  list(sessionId?: string): AsyncGenerator<AppConnection[]>;
  /** False: it was gone. */
  end(connection: AppConnection): Promise<boolean>;
}

const page = 1_000;
/** So long after the last answer it is assumed that no other server has one. */
const silenceMs = 300;
const longestMs = 5_000;

const Listing = z.object({
  server: z.object({ id: z.string() }),
  data: z
    .object({
      total: z.int(),
      connections: z.array(
        z.object({
          cid: z.number(),
          start: z.coerce.date(),
          subscriptions: z.int(),
          authorized_user: z.string().optional(),
        }),
      ),
    })
    .optional(),
});

const Ending = z.object({ error: z.object({ code: z.int() }).optional() });

export function connectionsOf({ connection }: Nats): Connections {
  const wish = (offset: number, sessionId?: string) =>
    JSON.stringify({ acc: appAccount, auth: true, limit: page, offset, ...(sessionId && { user: sessionId }) });

  async function* list(sessionId?: string): AsyncGenerator<AppConnection[]> {
    const answers = await connection.requestMany(`$SYS.REQ.ACCOUNT.${appAccount}.CONNZ`, wish(0, sessionId), {
      strategy: 'stall',
      stall: silenceMs,
      maxWait: longestMs,
    });
    for await (const answer of answers) {
      const { server, data } = Listing.parse(answer.json());
      yield connectionsIn(server.id, data);
      for (let offset = page; offset < (data?.total ?? 0); offset += page) {
        const more = await connection.request(`$SYS.REQ.SERVER.${server.id}.CONNZ`, wish(offset, sessionId), {
          timeout: longestMs,
        });
        yield connectionsIn(server.id, Listing.parse(more.json()).data);
      }
    }
  }

  return {
    list,
    end: async ({ serverId, id }) => {
      const subject = `$SYS.REQ.SERVER.${serverId}.KICK`;
      const answer = await connection.request(subject, JSON.stringify({ cid: id }), { timeout: longestMs });
      return Ending.parse(answer.json()).error === undefined;
    },
  };
}

const connectionsIn = (serverId: string, data: z.output<typeof Listing>['data']): AppConnection[] =>
  (data?.connections ?? []).flatMap(({ cid, start, subscriptions, authorized_user: sessionId }) =>
    sessionId ? [{ serverId, id: cid, sessionId, since: start, subscriptions }] : [],
  );
