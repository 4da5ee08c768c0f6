import { local } from '../paths.ts';
import { serviceUrl } from '../roles.ts';
import { readSecrets } from '../secrets.ts';
import { serverPorts } from '../services.ts';
import { inChild } from './child.ts';

/** apps/payments does the work, on the database that DATABASE_URL names, or on that of the system that runs here. */
export async function main(parameters: string[]): Promise<number> {
  const DATABASE_URL = process.env.DATABASE_URL || (await ourDatabaseUrl());
  const verify = inChild('apps/payments/src/commands/ledger-verify.ts', { ...process.env, DATABASE_URL });
  return verify(parameters);
}

async function ourDatabaseUrl(): Promise<string> {
  const { role } = await readSecrets(local);
  const port = process.env.POSTGRES_PORT || serverPorts.postgres;
  return serviceUrl(`postgres://127.0.0.1:${port}/forecourt`, 'payments', role('payments'));
}
