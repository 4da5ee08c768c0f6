// node src/commands/erase-customers.ts <id> …: erases customers as they would themselves, for somebody who cannot sign in,
// and for whoever was erased after the dump that was restored. Ids of nobody, and of the erased, change nothing.
import { AppError } from '@forecourt/errors';
import { loadConfig, openDatabase, systemClock } from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import { configShape } from '../config.ts';
import { eraseCustomer } from '../erasure/service.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { deriveSecrets } from '../secret.ts';

const { DATABASE_URL, TOKEN_SECRET } = loadConfig({
  DATABASE_URL: configShape.DATABASE_URL,
  TOKEN_SECRET: configShape.TOKEN_SECRET,
});

const database = openDatabase({ url: DATABASE_URL, applicationName: 'erase-customers' });
const db = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'identity' }) });
const deps = { db, clock: systemClock, secrets: deriveSecrets(TOKEN_SECRET) };
try {
  for (const customerId of process.argv.slice(2)) process.stdout.write(`${customerId}: ${await erased(customerId)}\n`);
} finally {
  await db.$disconnect();
  await database.close();
}

async function erased(customerId: string): Promise<string> {
  try {
    await eraseCustomer(deps, customerId, { role: 'system' });
    return 'erased';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.exitCode = 1;
    return error.code;
  }
}
