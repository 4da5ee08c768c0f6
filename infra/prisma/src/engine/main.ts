import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { runCommand } from './command.ts';
import { answerLines } from './rpc.ts';
import { engineVersion } from './wasm.ts';

// The native engine's own command line; what we do not know of it is ignored, as a newer Prisma may say more.
const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    datamodels: { type: 'string', multiple: true },
    datasource: { type: 'string' },
    version: { type: 'boolean' },
  },
});

const datasource = typeof values.datasource === 'string' ? (JSON.parse(values.datasource) as { url?: string }) : {};

if (values.version) {
  process.stdout.write(`schema-engine-wasm ${engineVersion()}\n`);
} else if (positionals[0] === 'cli') {
  process.exitCode = await runCommand(positionals[1] ?? '', datasource.url ?? '');
} else {
  const paths = (values.datamodels ?? []) as string[];
  await answerLines(createInterface({ input: process.stdin }), {
    datamodels: paths.map((path) => [path, readFileSync(path, 'utf8')]),
    url: datasource.url,
    send: (line) => new Promise((sent) => process.stdout.write(`${line}\n`, () => sent())),
  });
  process.exit(0);
}
