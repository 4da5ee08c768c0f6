import type { SqlTx } from '@forecourt/messaging';
import type { Clock } from '@forecourt/service-kit';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Secrets } from '../secret.ts';
import { countOf } from '../throttle/store.ts';
import { type CodeLimits, spendKey } from './limits.ts';

export interface CodeMetrics {
  readonly sends: Counter<'channel' | 'country'>;
  readonly codes: Counter<'channel' | 'country' | 'outcome'>;
}

interface Source {
  readonly database: SqlTx;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly codeLimits: Pick<CodeLimits, 'dailySpend'>;
}

export function createCodeMetrics(registry: Registry, { database, secrets, clock, codeLimits }: Source): CodeMetrics {
  new Gauge({
    name: 'identity_code_spending_stopped',
    help: 'Whether the daily spend of codes is reached, so that none are sent: 1, or else 0.',
    registers: [registry],
    async collect() {
      // A database that is away keeps nobody from the other metrics.
      const spent = await countOf(database, spendKey(secrets), clock()).catch(() => null);
      if (spent !== null) this.set(spent < codeLimits.dailySpend ? 0 : 1);
    },
  });
  return {
    sends: new Counter({
      name: 'identity_code_sends_total',
      help: 'One-time codes handed over for sending. A country is an ISO 3166-1 one, or none for e-mail.',
      labelNames: ['channel', 'country'],
      registers: [registry],
    }),
    codes: new Counter({
      name: 'identity_codes_total',
      help: 'One-time codes that somebody entered, by what came of it.',
      labelNames: ['channel', 'country', 'outcome'],
      registers: [registry],
    }),
  };
}
