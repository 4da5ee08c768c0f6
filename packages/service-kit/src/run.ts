import type { Answering, Consumer, SqlTx } from '@forecourt/messaging';
import type { App } from './app.ts';
import type { CoreRuntime, Runtime } from './runtime.ts';

export interface RunOptions<Tx extends SqlTx> {
  host?: string | undefined;
  port: number;
  consumers?: Consumer<Tx>[];
  /** The service's own transaction, in which consumers apply their messages. */
  transact?: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  answers?: Answering[];
  /** Publish this service's outbox (default for a service; never for a process without a database). */
  relay?: boolean;
}

/** Relay, consumers, listen; then serves until a signal comes, and leaves without dropping anything. */
export async function run<Tx extends SqlTx = SqlTx>(
  _runtime: Runtime | CoreRuntime,
  _app: App,
  _options: RunOptions<Tx>,
): Promise<void> {
  throw new Error('arrives with the next commit');
}
