import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrokerKeys, newBrokerKeys } from '@forecourt/broker';

/** Made once for each directory, and kept there: nobody but its owner can read them. */
export interface Secrets {
  readonly postgres: string;
  /** Of who may do everything at a NATS without accounts: the tests'. */
  readonly nats: string;
  /** Of each user of the broker. */
  brokerUser(name: string): string;
  /** Identity's, by which it vouches for apps. */
  readonly brokerKeys: BrokerKeys;
  /** Of each service's role. */
  role(service: string): string;
  /** The root of identity's keys. */
  readonly token: string;
  /** `id:secret`: seals what apps sign their requests with. */
  readonly deviceKeys: string;
  /** Makes the addresses unguessable that payment providers call back. */
  readonly callbacks: string;
  /** The passwords of charging stations are hashed with it. */
  readonly stations: string;
  /** The root of the demo stations' passwords. */
  readonly demoStations: string;
  /** Of the merchant that payments is at the QPay sandbox. */
  readonly qpay: string;
}

export async function readSecrets(directory: string): Promise<Secrets> {
  const path = join(directory, 'secrets.json');
  await mkdir(directory, { recursive: true });
  const known = await read(path);
  // A directory of an earlier version keeps what it has, and gets what is new.
  const kept = { ...newSecrets(), ...known };
  if (!isWhole(known)) await writeFile(path, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 });
  const { postgres, nats, roles, broker, brokerKeys, token, deviceKeys, callbacks, stations, demoStations, qpay } =
    kept;
  return {
    postgres,
    nats,
    token,
    deviceKeys,
    callbacks,
    stations,
    demoStations,
    qpay,
    brokerKeys,
    role: derivedFrom(roles),
    brokerUser: derivedFrom(broker),
  };
}

const derivedFrom = (root: string) => (name: string) => createHmac('sha256', root).update(name).digest('hex');

type KeptSecrets = ReturnType<typeof newSecrets>;

const newSecrets = () => ({
  postgres: secret(),
  nats: secret(),
  roles: secret(),
  broker: secret(),
  brokerKeys: newBrokerKeys(),
  token: secret(),
  deviceKeys: `local:${secret()}`,
  callbacks: secret(),
  stations: secret(),
  demoStations: secret(),
  qpay: secret(),
});

const isWhole = (known: Partial<KeptSecrets> | undefined): boolean =>
  known !== undefined && Object.keys(newSecrets()).every((name) => name in known);

async function read(path: string): Promise<Partial<KeptSecrets> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<KeptSecrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const secret = () => randomBytes(24).toString('hex');
