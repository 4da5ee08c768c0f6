import { run, startRuntime } from '@forecourt/service-kit';
import { createCatalogApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { answerListDiscounts } from './discount/requests.ts';
import { sweepPrices } from './discount/sweeper.ts';
import { answerFindProduct, answerGetProducts } from './product/requests.ts';
import { notesStockOnStockChanged } from './stock/consumers.ts';
import { liftVersions } from './versions.ts';

const config = readConfig();
const runtime = await startRuntime({
  service: 'catalog',
  config,
  migrations: new URL('../prisma/migrations/', import.meta.url),
});
const deps = createDeps(config, runtime);
const app = await createCatalogApp(deps, runtime);
runtime.onClose('price sweeper', sweepPrices(deps));
deps.vocabulary.prepare(runtime.log);

await run(runtime, app, {
  host: config.HOST,
  port: config.PORT,
  consumers: [notesStockOnStockChanged(runtime.clock)],
  transact: deps.transact,
  answers: [
    answerFindProduct(runtime.nats, deps),
    answerGetProducts(runtime.nats, deps),
    answerListDiscounts(runtime.nats, deps),
  ],
  liftVersions,
});
