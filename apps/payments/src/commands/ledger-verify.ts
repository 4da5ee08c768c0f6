// DATABASE_URL=… node src/commands/ledger-verify.ts: adds the whole ledger up again and says what differs. Ends with 1 when
// something does, with 2 when it could not look. It reads one state of everything, and holds nobody up.
import { loadConfig, openDatabase, systemClock } from '@forecourt/service-kit';
import { configShape } from '../config.ts';
import { verify } from '../verification/service.ts';

const { DATABASE_URL } = loadConfig({ DATABASE_URL: configShape.DATABASE_URL });

const database = openDatabase({ url: DATABASE_URL, applicationName: 'ledger-verify' });
try {
  const { differences, accounts, transfers, postings, tookMs } = await verify({ database, clock: systemClock });
  for (const { what, id, shouldBe, is } of differences) {
    process.stdout.write(`${what}: ${id} is ${is ?? 'nothing'}, should be ${shouldBe}\n`);
  }
  const looked = `${accounts} accounts, ${transfers} transfers, ${postings} postings in ${(tookMs / 1000).toFixed(1)} s`;
  process.stdout.write(
    `${looked}: ${differences.length === 0 ? 'all adds up' : `${differences.length} differences`}\n`,
  );
  process.exitCode = differences.length === 0 ? 0 : 1;
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  process.stderr.write(`The ledger could not be read: ${message || code}\n`);
  process.exitCode = 2;
} finally {
  await database.close();
}
