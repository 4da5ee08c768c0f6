import { startTestBroker, type TestBroker } from '@forecourt/local';
import { connectNats, type Nats } from '@forecourt/messaging';
import type { Status } from '@nats-io/transport-node';
import { connect, type NatsConnection, wsconnect } from '@nats-io/transport-node';
import { decodeJwt } from 'jose';
import { type BrokerLogin, issueBrokerCredential } from '../src/broker/credential.ts';
import { startBroker } from '../src/broker/service.ts';
import type { BrokerSettings } from '../src/broker/settings.ts';
import type { Pace, Watch } from '../src/broker/watch.ts';
import { aCustomer, logIn, type SignedIn } from './builders.ts';
import { startIdentity, type TestIdentity } from './identity.ts';

/** Identity beside a broker with accounts, for which it answers about apps. */
export interface IdentityWithBroker {
  readonly identity: TestIdentity;
  readonly broker: TestBroker;
  readonly settings: BrokerSettings;
  /** As the service identity, in the platform's account. */
  readonly platform: Nats;
  readonly watch: Watch | null;
  /** What happens once a credential was looked up, before the broker gets its answer; the test's to change. */
  beforeAnswer(): Promise<unknown>;
  close(): Promise<void>;
}

export async function startIdentityWithBroker({
  pace = {},
  responds = true,
}: {
  pace?: Pace;
  /** Otherwise nobody answers for apps, and nobody watches over them. */
  responds?: boolean;
} = {}): Promise<IdentityWithBroker> {
  const broker = await startTestBroker();
  const identity = await startIdentity();
  // The broker's tokens are of the time that its own clock tells.
  identity.runtime.clock.set(new Date());
  const settings = { ...broker };
  const { log } = identity.runtime;
  const platform = await connectNats({ url: broker.natsUrlOf('identity'), name: 'identity', log });
  const { database } = identity.runtime;
  const $queryRaw = async <T>(query: TemplateStringsArray, ...values: unknown[]): Promise<T> => {
    const rows = await database.$queryRaw<T>(query, ...values);
    if (query.join('').includes('FROM broker_credential AS b')) await system.beforeAnswer();
    return rows;
  };
  const runtime = { ...identity.runtime, database: { ...database, $queryRaw } };
  const watch = responds ? await startBroker(runtime, settings, pace) : null;
  const system: IdentityWithBroker = {
    beforeAnswer: async () => {},
    identity,
    broker,
    settings,
    platform,
    watch,
    close: async () => {
      await platform.close();
      await identity.close();
      await broker.stop();
    },
  };
  return system;
}

export interface Driver extends SignedIn {
  readonly sessionId: string;
  readonly login: BrokerLogin;
}

/** A customer who has signed in, with what their app connects to the broker with. */
export async function aDriver({ identity }: IdentityWithBroker, customer?: SignedIn): Promise<Driver> {
  const known = customer ?? (await aCustomer(identity));
  const signedIn = { ...known, ...(customer && (await logIn(identity, customer))) };
  const sessionId = String(decodeJwt(signedIn.accessToken).sid);
  const now = identity.deps.clock();
  const login = await issueBrokerCredential(identity.deps.database, identity.deps, {
    sessionId,
    customerId: signedIn.id,
    expiresAt: new Date(now.getTime() + 3_600_000),
    now,
  });
  return { ...signedIn, sessionId, login };
}

export type Line = 'TCP' | 'WebSocket';
export const lines = ['TCP', 'WebSocket'] as const;

/** A client's own view of the broker: what it hears, and what it is refused. */
export interface AppClient {
  readonly connection: NatsConnection;
  readonly heard: { subject: string; data: unknown }[];
  readonly statuses: Status[];
  /** The subjects that were refused, and whether it was to publish or to subscribe. */
  refusals(): string[];
  hear(subject: string): void;
  close(): Promise<void>;
}

export async function connectApp(
  { broker }: Pick<IdentityWithBroker, 'broker'>,
  { user, pass }: Pick<BrokerLogin, 'user' | 'pass'>,
  line: Line,
  { reconnect = false } = {},
): Promise<AppClient> {
  const options = { user, pass, reconnect, timeout: 10_000, reconnectTimeWait: 50, noAsyncTraces: true };
  const connection =
    line === 'TCP'
      ? await connect({ servers: broker.tcpUrl, ...options })
      : await wsconnect({ servers: broker.webSocketUrl, ...options });
  const heard: AppClient['heard'] = [];
  const statuses: Status[] = [];
  void (async () => {
    for await (const status of connection.status()) statuses.push(status);
  })();
  return {
    connection,
    heard,
    statuses,
    refusals: () => statuses.flatMap((status) => (status.type === 'error' ? [status.error.message] : [])),
    hear: (subject) => {
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (!error) heard.push({ subject: message.subject, data: message.json() });
        },
      });
    },
    close: () => connection.close(),
  };
}
