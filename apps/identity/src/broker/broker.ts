import { createHash, timingSafeEqual } from 'node:crypto';

/** The account of the broker that apps live in. Never taken from anything that a client says: who may name it rules. */
export const appAccount = 'PUSH';

/** Of one session at once: an app, its predecessor that the broker has not missed yet, and one more of each. */
export const mostConnections = 4;

/** Of one connection: an app needs two. */
export const mostSubscriptions = 8;

/** Credentials of a session that open the broker: an app that asks for new ones is connected with old ones still. */
export const mostCredentials = 4;

/** A word that no wildcard and no second word fits in. */
const topicForm = /^push[.][A-Za-z0-9_-]{20,}$/;

/** What may be done with a credential: to hear its own topic, and nothing else. */
export function permissionsFor(topic: string) {
  if (!topicForm.test(topic)) throw new Error('a topic is push. and one plain word');
  return {
    sub: { allow: [topic, `${topic}.>`] },
    pub: { deny: ['>'] },
    subs: mostSubscriptions,
    payload: 1024,
    data: -1,
    allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
  };
}

export interface KnownCredential {
  readonly passwordHash: Uint8Array;
  readonly sessionId: string;
  readonly topic: string;
  /** Its own end or its session's, whichever is sooner. */
  readonly expiresAt: Date;
  /** Neither has the session ended nor is the customer blocked. */
  readonly isOpen: boolean;
}

/** 256 random bits need no slow hash. */
export const hashOfPassword = (password: string): Buffer => createHash('sha256').update(password).digest();

const nobodysHash = Buffer.alloc(32);

export type Verdict = 'accepted' | 'unknown' | 'wrong_password' | 'ended';

/** The password is compared first, and always, in the same time. */
export function judge(credential: KnownCredential | null, password: string, now: Date): Verdict {
  const isRight = timingSafeEqual(hashOfPassword(password), credential?.passwordHash ?? nobodysHash);
  if (credential === null) return 'unknown';
  if (!isRight) return 'wrong_password';
  return credential.isOpen && credential.expiresAt > now ? 'accepted' : 'ended';
}

export interface AppConnection {
  readonly serverId: string;
  /** Counts up: the highest one of a server is the youngest. */
  readonly id: number;
  readonly sessionId: string;
  readonly since: Date;
  readonly subscriptions: number;
}

/**
 * Those that end: of sessions that are not open, the oldest of a session that has too many, and whoever subscribes to
 * more than an app can use: that limit is in its token, where servers of the broker do not look (ADR 0033).
 */
export function connectionsToEnd(
  connections: readonly AppConnection[],
  openSessions: ReadonlySet<string>,
): AppConnection[] {
  const bySession = Map.groupBy(connections, ({ sessionId }) => sessionId);
  return [...bySession].flatMap(([sessionId, ofSession]) => {
    if (!openSessions.has(sessionId)) return ofSession;
    const youngestFirst = ofSession.toSorted((a, b) => b.since.getTime() - a.since.getTime() || b.id - a.id);
    return youngestFirst.filter(
      ({ subscriptions }, index) => index >= mostConnections || subscriptions > mostSubscriptions,
    );
  });
}
