import type { Clock, Database } from '@forecourt/service-kit';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Breaker } from './breaker.ts';
import type { Provider } from './provider.ts';
import { oldestDue } from './store.ts';

export interface MessageMetrics {
  readonly outcomes: Counter<'channel' | 'outcome'>;
  readonly calls: Counter<'provider' | 'channel' | 'outcome'>;
  readonly codeSeconds: Histogram<'channel'>;
}

interface Source {
  readonly database: Database;
  readonly clock: Clock;
  readonly breakers: ReadonlyMap<Provider, Breaker>;
}

export function createMessageMetrics(registry: Registry, { database, clock, breakers }: Source): MessageMetrics {
  const registers = [registry];
  new Gauge({
    name: 'identity_messages_oldest_due_seconds',
    help: 'How long the oldest message has been due that nobody has in hand; `awaited` are those that somebody waits for.',
    labelNames: ['queue'],
    registers,
    async collect() {
      const now = clock();
      for (const [queue, since] of Object.entries(await oldestDue(database, now))) {
        this.set({ queue }, since ? Math.max(0, (now.getTime() - since.getTime()) / 1000) : 0);
      }
    },
  });
  new Gauge({
    name: 'identity_message_provider_down',
    help: 'Whether this process spares a provider that fails: 1, or else 0.',
    labelNames: ['provider'],
    registers,
    collect() {
      for (const [{ name }, breaker] of breakers) this.set({ provider: name }, breaker.isDown() ? 1 : 0);
    },
  });
  return {
    outcomes: new Counter({
      name: 'identity_messages_total',
      help: 'Attempts to send a message, by what came of them.',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    calls: new Counter({
      name: 'identity_message_calls_total',
      help: 'Calls of providers, by what they answered.',
      labelNames: ['provider', 'channel', 'outcome'],
      registers,
    }),
    codeSeconds: new Histogram({
      name: 'identity_code_delivery_seconds',
      help: 'From the wish for a code until a provider has taken it on.',
      labelNames: ['channel'],
      buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
      registers,
    }),
  };
}
