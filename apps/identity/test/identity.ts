import { type App, loadConfig } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { createIdentityApp } from '../src/app.ts';
import { type Config, configShape } from '../src/config.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import type { AskForPage } from '../src/export/service.ts';
import { sendDueMessages } from '../src/message/service.ts';
import { listDevelopmentMessages } from '../src/providers/development/provider.ts';

type Claim = Parameters<Deps['askForClaim']>[0];

export interface TestIdentity {
  readonly runtime: TestRuntime;
  readonly deps: Deps;
  readonly config: Config;
  readonly app: App;
  /** What orders was asked to attach; set `ordersAway` and it does not answer. */
  readonly claims: Claim[];
  ordersAway: boolean;
  /** What payments says may be spent, in minor units; null: it does not answer. Nothing unless told. */
  walletOf: (customerId: string) => bigint | null;
  /** What charging says of where somebody charges; null: it does not answer. Nowhere unless told. */
  runningSessionOf: (customerId: string) => Awaited<ReturnType<Deps['askForRunningSession']>> | null;
  /** What other services would answer when a customer is exported; theirs to change. */
  readonly elsewhere: Record<string, AskForPage>;
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, options?: CallOptions): Promise<Answer>;
  /** Lets the worker send what is due, then gives what went to this recipient, newest first. */
  mailTo(recipient: string): Promise<Awaited<ReturnType<typeof listDevelopmentMessages>>>;
  /** The events in the outbox, oldest first. */
  told(subject?: string): Promise<{ subject: string; data: Record<string, unknown> }[]>;
  close(): Promise<void>;
}

interface CallOptions {
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
  address?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the route answers.
  readonly body: any;
}

export const tokenSecret = 'a secret of tests, longer than thirty-two characters';
export const deviceKeySecret = 'another secret of tests that seals what devices sign with';

/** A whole identity on a database of its own. Orders is played by the test: over NATS when it asks for one. */
export async function startIdentity(
  settings: Record<string, string> = {},
  { nats = false } = {},
): Promise<TestIdentity> {
  const runtime = await createTestRuntime('identity', { nats });
  const config = loadConfig(configShape, {
    ...Object.fromEntries(Object.entries(runtime.config).map(([name, value]) => [name, String(value)])),
    TOKEN_SECRET: tokenSecret,
    DEVICE_KEY_SECRETS: `test:${deviceKeySecret}`,
    PASSWORD_HASH_CONCURRENCY: '2',
    // Production refuses it.
    ...(settings.NODE_ENV !== 'production' && { PASSWORD_HASH_CHEAP: 'true' }),
    ...settings,
  });
  const real = await createDeps(config, runtime);
  const claims: Claim[] = [];
  const elsewhere: Record<string, AskForPage> = nats ? { ...real.elsewhere } : {};
  const deps: Deps = {
    ...real,
    elsewhere,
    askForClaim: async (claim) => {
      claims.push(claim);
      if (nats) return real.askForClaim(claim);
      if (identity.ordersAway) throw new Error('orders does not answer');
    },
    askForWallet: async (customerId) => {
      if (nats) return real.askForWallet(customerId);
      const available = identity.walletOf(customerId);
      if (available === null) throw new Error('payments does not answer');
      return { available };
    },
    askForRunningSession: async (customerId) => {
      if (nats) return real.askForRunningSession(customerId);
      const running = identity.runningSessionOf(customerId);
      if (running === null) throw new Error('charging does not answer');
      return running;
    },
  };
  const app = await createIdentityApp(deps, runtime, config);

  const identity: TestIdentity = {
    runtime,
    deps,
    config,
    app,
    claims,
    ordersAway: false,
    walletOf: () => 0n,
    runningSessionOf: () => ({ device: null }),
    elsewhere,
    call: async (method, url, { body, token, headers, address } = {}) => {
      const response = await app.inject({
        method,
        url,
        ...(body !== undefined && { payload: body as object }),
        ...(address && { remoteAddress: address }),
        headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
      });
      const json = String(response.headers['content-type']).includes('json') && response.body !== '';
      return { status: response.statusCode, headers: response.headers, body: json ? response.json() : response.body };
    },
    mailTo: async (recipient) => {
      while ((await sendDueMessages(deps)) > 0);
      return listDevelopmentMessages(deps.db, recipient);
    },
    told: async (subject) =>
      deps.database.$queryRaw<{ subject: string; data: Record<string, unknown> }[]>`
        SELECT subject, data FROM outbox
        WHERE ${subject ?? null}::text IS NULL OR subject = ${subject ?? null}
        ORDER BY seq`,
    close: async () => {
      await app.close();
      await runtime.close();
    },
  };
  return identity;
}
