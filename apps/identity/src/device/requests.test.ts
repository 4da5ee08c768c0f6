import { exchangeCredential } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { ask } from '@forecourt/messaging';
import { createMetrics, openDatabase } from '@forecourt/service-kit';
import { createTestNats } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { aDevice, signed } from '../../test/devices.ts';
import { startIdentity } from '../../test/identity.ts';
import { createDeps } from '../deps.ts';
import { answerExchange } from './requests.ts';

test('of twenty equal requests at two processes exactly one passes', async () => {
  const first = await startIdentity({}, { nats: true });
  const { runtime } = first;
  const database = openDatabase({ url: runtime.config.DATABASE_URL, applicationName: 'second', log: runtime.log });
  const nats = await createTestNats({ streamPrefix: runtime.nats.streamPrefix });
  const metrics = createMetrics({ service: 'identity', ofProcess: false });
  const second = await createDeps(first.config, { ...runtime, database, nats, metrics });
  const answered = { first: 0, second: 0 };
  const counting = (deps: typeof second, name: keyof typeof answered) => ({
    ...deps,
    clock: () => {
      answered[name] += 1;
      return deps.clock();
    },
  });
  const answers = [
    answerExchange(counting(first.deps, 'first'), runtime.nats),
    answerExchange(counting(second, 'second'), nats),
  ];
  const one = await aDevice(first, await aCustomer(first));
  await Promise.all([runtime.nats.connection.flush(), nats.connection.flush()]);

  for (let round = 0; round < 5; round += 1) {
    const request = signed(one, { at: first.deps.clock(), nonce: String(round) });
    const asked = Array.from({ length: 20 }, () =>
      ask(runtime.nats, exchangeCredential, request, { timeoutMs: 5000 }).then(
        () => 'taken',
        (error: unknown) => (error instanceof AppError ? error.code : Promise.reject(error)),
      ),
    );
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'request_replayed')).toHaveLength(19);
  }
  expect(Math.min(answered.first, answered.second)).toBeGreaterThan(0);

  await Promise.all(answers.map((answering) => answering.close()));
  await database.close();
  await nats.connection.close();
  await first.close();
});
