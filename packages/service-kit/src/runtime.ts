import type { Service } from '@forecourt/contracts';
import type { Nats } from '@forecourt/messaging';
import type { Clock } from './clock.ts';
import type { CommonConfig, CoreConfig } from './config.ts';
import type { Database } from './database.ts';
import type { Health } from './health.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Revocations } from './revocations.ts';
import type { TokenVerifier } from './tokens.ts';

/** What a process needs that keeps nothing and verifies nobody: the gateway. */
export interface CoreRuntime {
  readonly service: string;
  readonly config: CoreConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Closed in the opposite order of registration, after the app. */
  onClose(name: string, close: () => unknown): void;
  close(): Promise<void>;
}

export interface Runtime extends CoreRuntime {
  readonly service: Service;
  readonly config: CommonConfig;
  readonly database: Database;
  readonly nats: Nats;
  readonly tokens: TokenVerifier;
  readonly revocations: Revocations;
}

export async function startCoreRuntime(_o: { service: string; config: CoreConfig }): Promise<CoreRuntime> {
  throw new Error('arrives with the next commit');
}

export async function startRuntime(_o: { service: Service; config: CommonConfig }): Promise<Runtime> {
  throw new Error('arrives with the next commit');
}
