// OPERATOR_EMAIL=… OPERATOR_PASSWORD=… node src/commands/make-operator.ts: from the environment, since other users of a
// machine can read a command line.
import { loadConfig, openDatabase, systemClock } from '@forecourt/service-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import { configShape } from '../config.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { makeOperator } from '../operator/service.ts';
import { createPasswordHasher } from '../password/hasher.ts';

const { DATABASE_URL, OPERATOR_EMAIL, OPERATOR_PASSWORD } = loadConfig({
  DATABASE_URL: configShape.DATABASE_URL,
  OPERATOR_EMAIL: configShape.OPERATOR_EMAIL.unwrap(),
  OPERATOR_PASSWORD: configShape.OPERATOR_PASSWORD.unwrap(),
});

const database = openDatabase({ url: DATABASE_URL, applicationName: 'make-operator' });
const db = new PrismaClient({ adapter: new PrismaPg(database.pool, { schema: 'identity' }) });
try {
  const hasher = await createPasswordHasher({ concurrency: 1, queue: 1 });
  const outcome = await makeOperator(
    { db, clock: systemClock, hasher },
    { email: OPERATOR_EMAIL, password: OPERATOR_PASSWORD },
  );
  if (outcome === 'refused') {
    process.stderr.write(`${OPERATOR_EMAIL} is a customer with another password, and may be anybody.\n`);
    process.exitCode = 1;
  } else {
    process.stdout.write(`${OPERATOR_EMAIL}: ${outcome}\n`);
  }
} finally {
  await db.$disconnect();
  await database.close();
}
