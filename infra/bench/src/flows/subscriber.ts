import type { Visitors } from '../load.ts';
import type { SignedIn } from '../seed/accounts.ts';
import { both, type Flow, type Place, type Places } from './flow.ts';

export const subscriberNames = ['products in step', 'calls', 'calls, known', 'client'] as const;

const languages = ['ka', 'en', 'ru'] as const;
const languageOf = (n: number) => languages[n % languages.length] as (typeof languages)[number];

/** Partners who go through all products, page by page, each by their own cursor, and begin again. */
export function syncFlow({ yardstick, ours }: Places, key: string): Flow {
  const following = (): Visitors => {
    const cursors = new Map<number, string>();
    return {
      expectedStatus: 200,
      request: (_, connection) => ({
        method: 'GET',
        path: `/products/sync?limit=100${cursors.has(connection) ? `&cursor=${cursors.get(connection)}` : ''}`,
        headers: { authorization: `Bearer ${key}` },
      }),
      answered: (body, connection) => {
        // At its end; whoever asks shares the cores, and needs nothing of the rest.
        const [, cursor, more] = /"cursor":"([^"]+)","more":(true|false)/.exec(body.slice(-400)) ?? [];
        if (!cursor) throw new Error(`no cursor: …${body.slice(-400)}`);
        if (more === 'true') cursors.set(connection, cursor);
        else cursors.delete(connection);
      },
    };
  };
  return {
    name: 'products in step',
    yardstick: { place: yardstick, visitors: following() },
    ours: { place: ours, visitors: following() },
  };
}

/** In three languages; once by those who know nothing yet, and once by those who have the list already. */
export async function callFlows(places: Places): Promise<Flow[]> {
  const ask = (n: number, more: Record<string, string> = {}) => ({
    method: 'GET' as const,
    path: '/calls',
    headers: { 'accept-language': languageOf(n), ...more },
  });
  const knowing = async ({ origin }: Place): Promise<Visitors> => {
    const known = new Map<string, string>();
    for (const language of languages) {
      const { headers } = await fetch(new URL('/calls', origin), { headers: { 'accept-language': language } });
      known.set(language, headers.get('etag') ?? '');
    }
    return { expectedStatus: 304, request: (n) => ask(n, { 'if-none-match': known.get(languageOf(n)) as string }) };
  };
  const { yardstick, ours } = places;
  return [
    { name: 'calls', mayBeKept: true, ...both(places, { expectedStatus: 200, request: (n) => ask(n) }) },
    {
      name: 'calls, known',
      mayBeKept: true,
      yardstick: { place: yardstick, visitors: await knowing(yardstick) },
      ours: { place: ours, visitors: await knowing(ours) },
    },
  ];
}

/** Who looks at what they have. The yardstick verifies nobody: it is told who it is. */
export function clientFlow(places: Places, signedIn: readonly SignedIn[], numbers: ReadonlyMap<string, string>): Flow {
  return {
    name: 'client',
    ...both(places, {
      expectedStatus: 200,
      request: (n) => {
        const { customerId, accessToken } = signedIn[n % signedIn.length] as SignedIn;
        return {
          method: 'GET',
          path: `/client/${numbers.get(customerId)}`,
          headers: { authorization: `Bearer ${accessToken}`, 'x-customer': customerId },
        };
      },
    }),
  };
}
