import { createReadStream } from 'node:fs';
import { createLog, openDatabase, systemClock } from '@forecourt/service-kit';
import { createDeps } from '../src/deps.ts';
import { spool } from '../src/import/file.ts';
import { importProducts } from '../src/import/service.ts';

/** A process of its own that imports a file and says a line about each row, to be killed by a test. */
const [url = '', path = '', atomic] = process.argv.slice(2);
const log = createLog({ service: 'catalog', level: 'error' });
const database = openDatabase({ url, applicationName: 'importing', log });
const deps = createDeps({ CURRENCY: 'UAH' }, { database, clock: systemClock, log, onClose: () => {} });
const file = await spool(createReadStream(path), 'ndjson');
for await (const line of importProducts(deps, file, { dryRun: false, atomic: atomic === 'atomic', actor: 'killed' }))
  process.stdout.write(`${JSON.stringify(line)}\n`);
process.exit();
