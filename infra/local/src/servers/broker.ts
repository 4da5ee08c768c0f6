import { publicKeysOf, renderAccess } from '@forecourt/broker';
import type { Program } from '../program.ts';
import type { Secrets } from '../secrets.ts';
import { demandUsableServer, type NatsOptions, natsUrl, startNats } from './nats.ts';

/** The NATS server of a system, as each of its users sees it. */
export interface Broker {
  /** As who may do everything that the services may. */
  readonly operatorUrl: string;
  natsUrlOf(service: string): string;
  /** What identity needs to let apps in; nothing at a server of somebody else's. */
  readonly settings: NodeJS.ProcessEnv;
  /** Where apps connect to. */
  readonly webSocketUrl?: string;
}

export interface BrokerOptions extends Omit<NatsOptions, 'access' | 'webSocketPort'> {
  webSocketPort: number;
  secrets: Secrets;
  streamPrefix: string;
}

/** Ready for connections when it returns. */
export async function startBroker({
  secrets,
  streamPrefix,
  ...options
}: BrokerOptions): Promise<Broker & { readonly program: Program }> {
  const { port, webSocketPort } = options;
  const access = renderAccess({
    password: (user) => JSON.stringify(secrets.brokerUser(user)),
    keys: publicKeysOf(secrets.brokerKeys),
    streamPrefix,
  });
  const program = await startNats({ ...options, access });
  const urlOf = (user: string) => natsUrl(port, user, secrets.brokerUser(user));
  return {
    program,
    operatorUrl: urlOf('operator'),
    natsUrlOf: urlOf,
    settings: {
      BROKER_CALLOUT_URL: urlOf('auth'),
      BROKER_SYSTEM_URL: urlOf('sys'),
      BROKER_ISSUER_SEED: secrets.brokerKeys.issuerSeed,
      BROKER_XKEY_SEED: secrets.brokerKeys.xkeySeed,
    },
    webSocketUrl: `ws://127.0.0.1:${webSocketPort}`,
  };
}

/** A server that somebody else runs, with one user for all, or whatever its owner arranged. */
export async function givenBroker(url: string): Promise<Broker> {
  await demandUsableServer(url);
  return { operatorUrl: url, natsUrlOf: () => url, settings: {} };
}
