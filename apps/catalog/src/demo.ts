import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { toMinorUnits } from '@forecourt/dialects';
import { createLog, openDatabase, systemClock } from '@forecourt/service-kit';
import { z } from 'zod';
import { ratesOfCsv } from './call-rate/file.ts';
import { importRates, ratesNow } from './call-rate/service.ts';
import { createCategory } from './category/service.ts';
import { readConfig } from './config.ts';
import { createCountry } from './country/service.ts';
import { createDeps, type Deps } from './deps.ts';
import { createDiscount } from './discount/service.ts';
import { spool } from './import/file.ts';
import { importProducts } from './import/service.ts';
import { createManufacturer } from './manufacturer/service.ts';

/* A shop of dental materials, and packages and call rates of a telecom, to look at. What is there already stays as it is, so this may run any number of times. */

const Name = z
  .object({ uk: z.string(), ru: z.string().optional(), en: z.string().optional() })
  .transform(({ uk, ru = null, en = null }) => ({ uk, ru, en }));
interface CategoryTree {
  slug: string;
  name: z.output<typeof Name>;
  children: CategoryTree[];
}
const CategoryTree: z.ZodType<CategoryTree> = z.lazy(() =>
  z.object({ slug: z.string(), name: Name, children: z.array(CategoryTree).default([]) }),
);
const Instant = z.iso.datetime().transform((instant) => new Date(instant));
const DirectoryFile = z.object({
  countries: z.array(z.object({ code: z.string(), name: Name })),
  manufacturers: z.array(z.object({ slug: z.string(), name: Name })),
  discounts: z.array(
    z.object({
      name: z.string(),
      type: z.enum(['percent', 'fixed']),
      value: z.number(),
      category: z.string().optional(),
      product: z.string().optional(),
      from: Instant.optional(),
      to: Instant.optional(),
    }),
  ),
});

const actor = 'demo';
const pathOf = (file: string) => new URL(`../demo/${file}`, import.meta.url);
const read = async <S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> =>
  schema.parse(JSON.parse(await readFile(pathOf(file), 'utf8')));

async function growTree(deps: Deps, trees: readonly CategoryTree[], parentId: string | null): Promise<void> {
  for (const [position, { slug, name, children }] of trees.entries()) {
    const { id } =
      (await deps.db.category.findUnique({ where: { slug } })) ??
      (await createCategory(deps, { parentId, slug, name, position, active: true }, actor));
    await growTree(deps, children, id);
  }
}

async function fillDirectory(deps: Deps, { countries, manufacturers }: z.output<typeof DirectoryFile>): Promise<void> {
  for (const { code, name } of countries)
    if (!(await deps.db.country.findUnique({ where: { code } })))
      await createCountry(deps, { code, name, active: true }, actor);
  for (const { slug, name } of manufacturers)
    if (!(await deps.db.manufacturer.findUnique({ where: { slug } })))
      await createManufacturer(deps, { slug, name, active: true }, actor);
}

async function importFile(deps: Deps, name: string): Promise<string> {
  const file = await spool(createReadStream(pathOf(name)), 'csv');
  let said = '';
  try {
    for await (const line of importProducts(deps, file, { dryRun: false, atomic: false, actor })) {
      if ('summary' in line) said = `${line.summary.rows} products, ${line.summary.created} of them new`;
      else if (line.errors) throw new Error(`row ${line.row} (${line.sku}): ${line.errors.join('; ')}`);
    }
  } finally {
    await file.discard();
  }
  return said;
}

async function offerDiscounts(deps: Deps, { discounts }: z.output<typeof DirectoryFile>): Promise<void> {
  for (const { name, type, value, category, product, from = null, to = null } of discounts) {
    if (await deps.db.discount.findFirst({ where: { name } })) continue;
    const target = category
      ? await deps.db.category.findUniqueOrThrow({ where: { slug: category } })
      : await deps.db.product.findFirstOrThrow({ where: { sku: product ?? '', removedAt: null } });
    await createDiscount(
      deps,
      {
        name,
        type,
        percentHundredths: type === 'percent' ? Math.round(value * 100) : null,
        amount: type === 'fixed' ? toMinorUnits(value, deps.currency) : null,
        scope: category ? 'category' : 'product',
        targetId: target.id,
        from,
        to,
        active: true,
      },
      actor,
    );
  }
}

async function offerCalls(deps: Deps): Promise<string> {
  const { list } = await ratesNow(deps);
  if (list) return `${list.destinations} destinations to call`;
  const rows = ratesOfCsv(await readFile(pathOf('call-rates.csv')));
  const { lines, applied } = await importRates(deps, rows, { effectiveFrom: undefined, dryRun: false, actor });
  const refused = lines.find(({ errors }) => errors);
  if (!applied) throw new Error(`row ${refused?.row} (${refused?.name}): ${refused?.errors?.join('; ')}`);
  return `${lines.length} destinations to call`;
}

const config = readConfig();
const log = createLog({ service: 'catalog', level: 'warn' });
const database = openDatabase({ url: config.DATABASE_URL, applicationName: 'catalog-demo', log });
const closing: (() => unknown)[] = [database.close];
const deps = createDeps(config, {
  database,
  clock: systemClock,
  log,
  onClose: (_name, close) => void closing.push(close),
});
try {
  const directory = await read('directory.json', DirectoryFile);
  await growTree(deps, await read('categories.json', z.array(CategoryTree)), null);
  await fillDirectory(deps, directory);
  const said = [await importFile(deps, 'products.csv'), await importFile(deps, 'packages.csv')];
  await offerDiscounts(deps, directory);
  process.stdout.write(`${said.join('; ')}; ${await offerCalls(deps)}\n`);
} finally {
  for (const close of closing.reverse()) await close();
}
