import { repeat, run, startRuntime } from '@forecourt/service-kit';
import { chargePushes } from './api/driver-pushes.ts';
import { consumers, createIdentityApp } from './app.ts';
import { makeDemoProfile } from './app-profile/service.ts';
import { startBroker } from './broker/service.ts';
import { brokerSettingsOf } from './broker/settings.ts';
import { mostChargesTold, tellCharges } from './charge/service.ts';
import { answerCodeRequests } from './code/requests.ts';
import { readConfig } from './config.ts';
import { answerResolutions, answerSearches } from './customer/requests.ts';
import { createDeps } from './deps.ts';
import { answerExchange } from './device/requests.ts';
import { answerEnrolments } from './enrolment/requests.ts';
import { tidyUp } from './housekeeping.ts';
import { startAwaitedSender } from './message/awaited.ts';
import { mostTaken, sendDueMessages } from './message/service.ts';
import { makeOperator } from './operator/service.ts';
import { createPushLine } from './push/line.ts';
import { createPushMetrics } from './push/metrics.ts';
import { mostTold, tellQueuedPushes } from './push/service.ts';
import { answerTokenExchange } from './token-exchange/requests.ts';
import { liftVersions } from './versions.ts';

const config = readConfig();
const runtime = await startRuntime({
  service: 'identity',
  config,
  migrations: new URL('../prisma/migrations/', import.meta.url),
});
const { log, onClose } = runtime;
const deps = await createDeps(config, runtime);
const app = await createIdentityApp(deps, runtime, config);

await deps.keyRing.refresh();
if (config.OPERATOR_EMAIL && config.OPERATOR_PASSWORD) {
  const outcome = await makeOperator(deps, { email: config.OPERATOR_EMAIL, password: config.OPERATOR_PASSWORD });
  if (outcome === 'refused')
    log.error('OPERATOR_EMAIL is a customer with another password: nobody was made an operator');
  else if (outcome !== 'unchanged') log.info({ outcome }, 'the first operator is ready');
}
if (config.NODE_ENV !== 'production') await makeDemoProfile(deps);

for (const round of [
  { name: 'messages', everyMs: 500, work: async () => (await sendDueMessages(deps, ['others'])) === mostTaken },
  { name: 'signing keys', everyMs: 60_000, work: deps.keyRing.refresh },
  { name: 'housekeeping', everyMs: 600_000, work: () => tidyUp(deps) },
]) {
  const background = repeat({ ...round, log });
  onClose(round.name, background.close);
}
const awaited = startAwaitedSender(deps);
runtime.writes.listen(awaited.wake);
onClose('awaited messages', awaited.close);

const broker = brokerSettingsOf(config);
if (broker) runtime.writes.listen((await startBroker(runtime, broker)).wake);
const pushing = {
  database: deps.database,
  log,
  line: createPushLine(runtime.nats, config.STREAM_REPLICAS),
  metrics: createPushMetrics(runtime.metrics.registry),
};
const pushes = repeat({
  name: 'pushes',
  everyMs: 500,
  work: async () => (await tellQueuedPushes(pushing)) === mostTold,
  log,
});
runtime.writes.listen(pushes.wake);
onClose('pushes', pushes.close);
const telling = { database: deps.database, nats: runtime.nats, metrics: pushing.metrics, spell: chargePushes };
const charges = repeat({
  name: 'charges',
  everyMs: 250,
  work: async () => {
    const told = await tellCharges(telling);
    if (told > 0) pushes.wake();
    return told === mostChargesTold;
  },
  log,
});
runtime.writes.listen(charges.wake);
onClose('charges', charges.close);

await run(runtime, app, {
  port: config.PORT,
  consumers,
  transact: deps.database.transaction,
  liftVersions,
  answers: [
    answerExchange(deps, runtime.nats),
    answerTokenExchange(deps, runtime.nats),
    answerResolutions(deps, runtime.nats),
    answerSearches(deps, runtime.nats),
    answerEnrolments(deps, runtime.nats),
    answerCodeRequests(deps, runtime.nats, awaited.wake),
  ],
});
