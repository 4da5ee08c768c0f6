import { randomBytes } from 'node:crypto';
import type { App } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime, type TestRuntimeOptions } from '@forecourt/testing';
import { createCatalogApp } from '../src/app.ts';
import { type Category, createCategory, type NewCategory } from '../src/category/service.ts';
import { type Country, createCountry } from '../src/country/service.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import type { Discount, DiscountFields } from '../src/discount/discount.ts';
import { createDiscount } from '../src/discount/service.ts';
import { createManufacturer, type Manufacturer } from '../src/manufacturer/service.ts';
import { createProduct, type NewProduct } from '../src/product/service.ts';
import type { NumberedProduct } from '../src/product/store.ts';
import type { Translations } from '../src/translation/translation.ts';

export interface CatalogSystem {
  readonly runtime: TestRuntime;
  readonly deps: Deps;
  readonly app: App;
  aCategory(fields?: Partial<NewCategory>): Promise<Category>;
  aManufacturer(name?: Translations): Promise<Manufacturer>;
  aCountry(code: string, name?: Translations): Promise<Country>;
  aProduct(fields?: Partial<NewProduct>): Promise<NumberedProduct>;
  aDiscount(fields?: Partial<DiscountFields>): Promise<Discount>;
  /** What this catalogue has told, oldest first, since it was last asked. */
  told(): Promise<{ subject: string; data: Record<string, unknown> }[]>;
  /** Rows of the change log, oldest first, since they were last asked for. */
  logged(): Promise<{ kind: string; thingId: string; version: number; change: string; actor: string }[]>;
  /** What an operator's request carries. */
  operator(): Promise<{ authorization: string }>;
}

export const operatorId = '65f1a2b3c4d5e6f7a8b90001';
const actor = operatorId;

/** One catalog process on a database of its own. */
export async function aCatalog(options?: TestRuntimeOptions): Promise<CatalogSystem> {
  const runtime = await createTestRuntime('catalog', options);
  return aProcessOf(runtime);
}

/** Another process of the same catalogue, when given the same runtime again. */
export async function aProcessOf(runtime: TestRuntime): Promise<CatalogSystem> {
  const deps = createDeps({ CURRENCY: 'UAH' }, runtime);
  const app = await createCatalogApp(deps, runtime);
  const next = () => randomBytes(4).toString('hex');
  const named = (name: string): Translations => ({ uk: name, ru: null, en: null });

  const aCategory: CatalogSystem['aCategory'] = (fields = {}) =>
    createCategory(
      deps,
      { parentId: null, name: named(`Категорія ${next()}`), position: 0, active: true, ...fields },
      actor,
    );
  let heard = 0n;
  let read = 0n;
  return {
    runtime,
    deps,
    app,
    aCategory,
    aManufacturer: (name = named(`Виробник ${next()}`)) => createManufacturer(deps, { name, active: true }, actor),
    aCountry: (code, name = named(`Країна ${code}`)) => createCountry(deps, { code, name, active: true }, actor),
    aProduct: async (fields = {}) =>
      createProduct(
        deps,
        {
          sku: `SKU-${next()}`,
          title: named('Товар'),
          description: { uk: null, ru: null, en: null },
          price: 10_000n,
          unit: 'шт',
          categoryId: fields.categoryId ?? (await aCategory()).id,
          manufacturerId: null,
          countryId: null,
          tags: [],
          images: [],
          options: [],
          active: true,
          externalId: null,
          package: null,
          ...fields,
        },
        actor,
      ),
    aDiscount: (fields = {}) =>
      createDiscount(
        deps,
        {
          name: 'Знижка',
          type: 'percent',
          percentHundredths: 1000,
          amount: null,
          scope: 'everything',
          targetId: null,
          from: null,
          to: null,
          active: true,
          ...fields,
        },
        actor,
      ),
    told: async () => {
      const rows = await runtime.database.$queryRaw<{ seq: bigint; subject: string; data: Record<string, unknown> }[]>`
        SELECT seq, subject, data FROM outbox WHERE seq > ${heard} ORDER BY xid, seq`;
      heard = rows.at(-1)?.seq ?? heard;
      return rows.map(({ subject, data }) => ({ subject, data }));
    },
    logged: async () => {
      const rows = await deps.db.changeLog.findMany({ where: { seq: { gt: read } }, orderBy: { seq: 'asc' } });
      read = rows.at(-1)?.seq ?? read;
      return rows.map(({ kind, thingId, version, change, actor: by }) => ({
        kind,
        thingId,
        version,
        change,
        actor: by,
      }));
    },
    operator: () => runtime.issuer.bearer({ customerId: operatorId, roles: ['operator'] }),
  };
}
