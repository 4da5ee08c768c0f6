import { Counter, type Registry } from 'prom-client';

export interface PushMetrics {
  readonly pushes: Counter<'name' | 'outcome'>;
}

export const createPushMetrics = (registry: Registry): PushMetrics => ({
  pushes: new Counter({
    name: 'identity_pushes_total',
    help: 'What apps are told over their topics: told, dropped (too late, or nobody is there), queued (again later).',
    labelNames: ['name', 'outcome'],
    registers: [registry],
  }),
});
