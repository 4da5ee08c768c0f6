import type { Service } from '@forecourt/contracts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Nats } from './nats.ts';

export interface RelayOptions {
  service: Service;
  databaseUrl: string;
  nats: Nats;
  log: Logger;
  metrics?: Registry;
}

export interface RelayStatus {
  /** Whether this process publishes; otherwise it stands by. */
  readonly active: boolean;
  /** Age of the oldest event that is not yet published. */
  readonly lagSeconds: number;
  readonly published: number;
  readonly rebuilds: number;
}

export interface Relay {
  /** Something was committed: look now. Cheap; call it after every write, in whichever process. */
  wake(): void;
  status(): RelayStatus;
  close(): Promise<void>;
}

export async function startRelay(_options: RelayOptions): Promise<Relay> {
  throw new Error('arrives with the next commit');
}
