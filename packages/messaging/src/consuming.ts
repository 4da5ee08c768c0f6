import type { Service } from '@forecourt/contracts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Consumer } from './consumer.ts';
import type { Nats } from './nats.ts';
import type { SqlTx, Transact } from './sql-tx.ts';

export interface ConsumersOptions<Tx extends SqlTx> {
  nats: Nats;
  service: Service;
  consumers: readonly Consumer<Tx>[];
  transact: Transact<Tx>;
  log: Logger;
  metrics?: Registry;
}

export interface Consuming {
  /** Stops pulling, finishes what is in hand. */
  close(): Promise<void>;
}

export async function startConsumers<Tx extends SqlTx>(_options: ConsumersOptions<Tx>): Promise<Consuming> {
  throw new Error('arrives with the next commit');
}
