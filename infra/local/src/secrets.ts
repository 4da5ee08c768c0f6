import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Made once for each directory, and kept there: nobody but its owner can read them. */
export interface Secrets {
  readonly postgres: string;
  readonly nats: string;
  /** Of each service's role. */
  role(service: string): string;
  /** The root of identity's keys. */
  readonly token: string;
}

export async function readSecrets(directory: string): Promise<Secrets> {
  const path = join(directory, 'secrets.json');
  await mkdir(directory, { recursive: true });
  let kept = await read(path);
  if (!kept) {
    kept = { postgres: secret(), nats: secret(), roles: secret(), token: secret() };
    await writeFile(path, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 });
  }
  const { postgres, nats, roles, token } = kept;
  return { postgres, nats, token, role: (service) => createHmac('sha256', roles).update(service).digest('hex') };
}

interface KeptSecrets {
  postgres: string;
  nats: string;
  roles: string;
  token: string;
}

async function read(path: string): Promise<KeptSecrets | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as KeptSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const secret = () => randomBytes(24).toString('hex');
