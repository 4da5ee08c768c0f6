import { gather } from '@forecourt/gather';
import type { Clock, Database } from '@forecourt/service-kit';
import { z } from 'zod';
import { appAccount, judge, permissionsFor, type Verdict } from './broker.ts';
import { createOpener, createTokenSigner, verifyToken } from './nkey.ts';
import type { BrokerSettings } from './settings.ts';
import { findCredentials } from './store.ts';

/** What a server of the broker asks when somebody wants in. It tells more; of what it tells, only this matters. */
const Question = z.object({
  iss: z.string().startsWith('N'),
  aud: z.literal('nats-authorization-request'),
  exp: z.int(),
  nats: z.object({
    type: z.literal('authorization_request'),
    user_nkey: z.string().regex(/^U[A-Z2-7]{55}$/),
    server_id: z.object({ id: z.string().startsWith('N') }),
    client_info: z.object({ host: z.string().optional() }),
    connect_opts: z.object({ user: z.string().optional(), pass: z.string().optional() }),
  }),
});

export interface SealedQuestion {
  readonly data: Uint8Array;
  /** Whose envelope it is in: the server's xkey. Without one the question, and the password in it, came in clear. */
  readonly serverKey: string | undefined;
}

export type Decision = Verdict | 'not_understood';

export interface CalloutAnswer {
  readonly decision: Decision;
  /** null: nothing to answer, to nobody we know. */
  readonly reply: string | null;
  /** Where the client is; for the log. */
  readonly address?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** Credentials are words; whatever else comes as one is not even looked for. */
const credentialWord = /^[\w-]{1,64}$/;
/** Reconnecting together after the broker was away, a thousand apps are some statements. */
const mostTogether = 256;

export interface CalloutDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly settings: Pick<BrokerSettings, 'issuerSeed' | 'xkeySeed'>;
}

/**
 * Decides about one client that wants to connect. Its account and its permissions are made from our own rows alone: of
 * what the client says nothing is used but the words to look for and to compare.
 */
export function createCallout({ database, clock, settings }: CalloutDeps) {
  const signer = createTokenSigner(settings.issuerSeed);
  const open = createOpener(settings.xkeySeed);
  const lookUp = gather(
    async (ids: readonly string[]) => {
      const found = await findCredentials(database, ids);
      return ids.map((id) => found.get(id) ?? null);
    },
    { most: mostTogether, atOnce: 2 },
  );

  /** null: not a question of this broker's server, or nobody waits for its answer any more. */
  function read({ data, serverKey }: SealedQuestion) {
    const clear = serverKey === undefined ? null : open(data, serverKey);
    const { success, data: question } = Question.safeParse(clear && verifyToken(Buffer.from(clear).toString()));
    if (!success || question.iss !== question.nats.server_id.id) return null;
    return question.exp * 1000 > clock().getTime() ? question.nats : null;
  }

  return async function answer(sealed: SealedQuestion): Promise<CalloutAnswer> {
    const question = read(sealed);
    if (question === null) return { decision: 'not_understood', reply: null };
    const { user = '', pass = '' } = question.connect_opts;
    const credential = credentialWord.test(user) ? await lookUp(user) : null;
    const now = clock();
    const decision = judge(credential, pass, now);
    const outcome =
      credential !== null && decision === 'accepted'
        ? { jwt: permit(question.user_nkey, credential, now) }
        : { error: 'refused' };
    const reply = signer.sign(
      {
        sub: question.user_nkey,
        aud: question.server_id.id,
        nats: { type: 'authorization_response', version: 2, ...outcome },
      },
      now,
    );
    return {
      decision,
      reply,
      address: question.client_info.host,
      sessionId: credential?.sessionId,
    };
  };

  /** Named after the session, so that its connections are found when it ends. */
  function permit(
    userKey: string,
    { sessionId, topic, expiresAt }: { sessionId: string; topic: string; expiresAt: Date },
    now: Date,
  ): string {
    const exp = Math.ceil(expiresAt.getTime() / 1000);
    const nats = { type: 'user', version: 2, ...permissionsFor(topic) };
    return signer.sign({ sub: userKey, aud: appAccount, name: sessionId, exp, nats }, now);
  }
}
