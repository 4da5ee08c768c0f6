import { Counter, type Registry } from 'prom-client';

export interface BrokerMetrics {
  readonly logins: Counter<'outcome'>;
  readonly kicks: Counter;
}

export const createBrokerMetrics = (registry: Registry): BrokerMetrics => ({
  logins: new Counter({
    name: 'identity_broker_logins_total',
    help: 'Apps that wanted to connect to the broker: accepted, unknown, wrong_password, ended, not_understood, failed.',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  kicks: new Counter({
    name: 'identity_broker_kicks_total',
    help: 'Connections of apps that were ended, because their session had or there were too many of it.',
    registers: [registry],
  }),
});
