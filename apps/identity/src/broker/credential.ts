import { randomBytes } from 'node:crypto';
import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { hashOfPassword, mostCredentials } from './broker.ts';
import { insertCredential } from './store.ts';

export interface BrokerLogin {
  /** Where the broker listens, as clients take it. */
  readonly servers: string;
  readonly topic: string;
  readonly user: string;
  readonly pass: string;
}

export interface Issue {
  readonly sessionId: string;
  readonly customerId: string;
  /** No later than the session's own. */
  readonly expiresAt: Date;
  readonly now: Date;
}

/** What an app listens with until its session ends; in the transaction that opens the session, or later. One statement. */
export async function issueBrokerCredential(
  tx: Pick<SqlTx, '$queryRaw'>,
  { pushServers }: Pick<Deps, 'pushServers'>,
  { sessionId, customerId, expiresAt, now }: Issue,
): Promise<BrokerLogin> {
  const user = randomWord(16);
  const pass = randomWord(32);
  const topic = await insertCredential(tx, {
    id: user,
    sessionId,
    customerId,
    passwordHash: hashOfPassword(pass),
    newTopic: `push.${randomWord(16)}`,
    now,
    expiresAt,
    kept: mostCredentials,
  });
  return { servers: pushServers, topic, user, pass };
}

const randomWord = (bytes: number) => randomBytes(bytes).toString('base64url');
