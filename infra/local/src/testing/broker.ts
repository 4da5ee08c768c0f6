import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from '../lock.ts';
import { local } from '../paths.ts';
import { freePorts } from '../port.ts';
import type { Program } from '../program.ts';
import { readSecrets } from '../secrets.ts';
import { startBroker } from '../servers/broker.ts';
import { natsUrl } from '../servers/nats.ts';
import { removeState, writeState } from '../state.ts';
import { createSupervisor } from '../supervisor.ts';

/** A NATS server with the accounts and users of a system, for one test file. */
export interface TestBroker {
  natsUrlOf(service: string): string;
  /** As who may do everything that services may. */
  readonly operatorUrl: string;
  readonly calloutUrl: string;
  readonly systemUrl: string;
  readonly issuerSeed: string;
  readonly xkeySeed: string;
  /** Without credentials: for apps. */
  readonly tcpUrl: string;
  readonly webSocketUrl: string;
  /** The server's process; what is killed is started again. */
  readonly program: Program;
  /** What it says of refused connections, subjects and passwords. */
  readonly logFile: string;
  stop(): Promise<void>;
}

export async function startTestBroker({ streamPrefix = '' } = {}): Promise<TestBroker> {
  const parent = join(local, 'test');
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, 'run-'));
  await tryLock(join(directory, 'lock'));
  const supervisor = createSupervisor({
    say: () => {},
    changed: (programs) => writeState(directory, '', programs),
    patience: { firstMs: 50, longestMs: 500, crashes: Number.POSITIVE_INFINITY },
  });
  const stop = async () => {
    await supervisor.stop([['nats']]);
    supervisor.dismiss();
    removeState(directory);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const secrets = await readSecrets(directory);
    const [port, webSocketPort] = (await freePorts(2)) as [number, number];
    const { program, operatorUrl, natsUrlOf } = await startBroker({
      ...{ directory, port, webSocketPort, secrets, streamPrefix, supervisor },
      throwaway: true,
      say: () => {},
    });
    return {
      ...{ program, operatorUrl, natsUrlOf, stop },
      calloutUrl: natsUrlOf('auth'),
      systemUrl: natsUrlOf('sys'),
      ...secrets.brokerKeys,
      tcpUrl: natsUrl(port),
      webSocketUrl: natsUrl(webSocketPort).replace('nats:', 'ws:'),
      logFile: join(directory, 'logs/nats.log'),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
