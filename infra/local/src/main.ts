import { explainFailure } from './obstacle.ts';
import { prepare, type Say } from './prepare.ts';

// Imported only when called for: most of them need dependencies, which `prepare` may have to install first.
const commands: Record<
  string,
  { prepared: boolean; load(): Promise<{ main(parameters: string[], say: Say): Promise<number> }> }
> = {
  start: { prepared: true, load: () => import('./commands/start.ts') },
  stop: { prepared: false, load: () => import('./commands/stop.ts') },
  test: { prepared: true, load: () => import('./commands/test.ts') },
  check: { prepared: true, load: () => import('./commands/check.ts') },
  bench: { prepared: true, load: () => import('./commands/bench.ts') },
  chaos: { prepared: true, load: () => import('./commands/chaos.ts') },
  'broker:config': { prepared: true, load: () => import('./commands/broker.ts') },
  'ledger:verify': { prepared: true, load: () => import('./commands/ledger-verify.ts') },
  fuzz: { prepared: true, load: () => import('./commands/fuzz.ts') },
};

const [name = '', ...parameters] = process.argv.slice(2);

// The broker's configuration goes into a file: what is done for it is told beside it.
const tell = name === 'broker:config' ? console.error : console.log;
const say: Say = (step, text) => tell(`${step.padEnd(13)} ${text}`);

const command = commands[name];
if (!command) {
  console.error(`usage: node infra/local/launch.mjs <${Object.keys(commands).join('|')}>`);
  process.exit(2);
}
try {
  if (command.prepared) await prepare(say);
  const { main } = await command.load();
  process.exitCode = await main(parameters, say);
} catch (error) {
  console.error(explainFailure(error));
  process.exitCode = 1;
}
// Said outright: a command may leave handles open, such as the channel to the launcher.
process.exit();
