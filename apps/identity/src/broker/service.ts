import { connectNats } from '@forecourt/messaging';
import type { Runtime } from '@forecourt/service-kit';
import { createCallout } from './callout.ts';
import { createBrokerMetrics } from './metrics.ts';
import { startResponder } from './responder.ts';
import type { BrokerSettings } from './settings.ts';
import { type Pace, type Watch, watchConnections } from './watch.ts';

/** Answers for the apps that connect to the broker, and watches over them; over two users of the broker of its own. */
export async function startBroker(
  {
    database,
    clock,
    log,
    metrics: { registry },
    onClose,
  }: Pick<Runtime, 'database' | 'clock' | 'log' | 'metrics' | 'onClose'>,
  settings: BrokerSettings,
  pace: Pace = {},
): Promise<Watch> {
  const metrics = createBrokerMetrics(registry);
  const system = await connectNats({ url: settings.systemUrl, name: 'identity watches apps', log });
  onClose('broker system user', system.close);
  const callout = await connectNats({ url: settings.calloutUrl, name: 'identity answers for apps', log });
  onClose('broker callout user', callout.close);

  const watch = watchConnections({ database, clock, log, metrics, nats: system }, pace);
  onClose('broker watch', watch.close);
  const answer = createCallout({ database, clock, settings });
  onClose('broker responder', startResponder({ nats: callout, answer, metrics, log }).close);
  return watch;
}
