import { toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import type { Routes } from '@forecourt/service-kit';
import { principalOf, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { ExternalId, Images, maxPrice, Options, Sku, Slug, Tags } from '../../import/row.ts';
import { Package, PackageBody } from '../../product/package.ts';
import { listForOperators } from '../../product/page.ts';
import { changeProduct, createProduct, getProduct, removeProduct } from '../../product/service.ts';
import type { NumberedProduct } from '../../product/store.ts';
import {
  asTranslations,
  by,
  ExpectedVersion,
  flag,
  Id,
  IdParams,
  merged,
  Name,
  NameBody,
  NameChange,
  sendVersioned,
  wholeNumber,
} from './common.ts';

const DescriptionText = text({ min: 1, max: 10_000, multiline: true }).nullable().optional();
const Description = z.strictObject({ uk: DescriptionText, ru: DescriptionText, en: DescriptionText });
const Price = z.number().min(0).max(maxPrice).meta({ description: 'Major units, before discounts.' });
const Unit = text({ min: 1, max: 40 }).nullable();

const NewProduct = z.strictObject({
  sku: Sku,
  slug: Slug.optional().meta({ description: 'Made from the title when left out.' }),
  title: Name,
  description: Description.optional(),
  price: Price,
  unit: Unit.default(null),
  categoryId: Id,
  manufacturerId: Id.nullable().default(null),
  countryId: Id.nullable().default(null),
  tags: Tags.default([]),
  images: Images.default([]),
  options: Options.default([]),
  active: z.boolean().default(true),
  externalId: ExternalId.nullable().default(null).meta({ description: 'What a partner calls it.' }),
  package: Package.nullable().default(null).meta({ description: 'What is bought for a period at a time.' }),
});
const ProductChange = z.strictObject({
  version: ExpectedVersion,
  sku: Sku.optional(),
  slug: Slug.optional(),
  title: NameChange.optional(),
  description: Description.optional(),
  price: Price.optional(),
  unit: Unit.optional(),
  categoryId: Id.optional(),
  manufacturerId: Id.nullable().optional(),
  countryId: Id.nullable().optional(),
  tags: Tags.optional(),
  images: Images.optional(),
  options: Options.optional(),
  active: z.boolean().optional(),
  externalId: ExternalId.nullable().optional(),
  package: Package.nullable().optional(),
});

const OptionBody = z.object({ name: z.string(), values: z.array(z.union([z.string(), z.number()])) });
const ProductBody = z
  .object({
    id: z.string(),
    version: z.int(),
    number: z.int(),
    sku: z.string(),
    slug: z.string(),
    title: NameBody,
    description: z.object({ uk: z.string().nullable(), ru: z.string().nullable(), en: z.string().nullable() }),
    price: z.number(),
    currency: z.string(),
    unit: z.string().nullable(),
    categoryId: z.string(),
    categoryPath: z.array(z.string()),
    manufacturerId: z.string().nullable(),
    countryId: z.string().nullable(),
    tags: z.array(z.string()),
    images: z.array(z.string()),
    options: z.array(OptionBody),
    active: z.boolean(),
    externalId: z.string().nullable(),
    package: PackageBody.nullable(),
    inStock: z.boolean(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'CatalogueProduct' });

const tags = ['Products'];

export const productRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const { currency } = deps;

    app.get('/admin/products', {
      onRequest,
      schema: {
        operationId: 'listCatalogueProducts',
        summary: 'Products, inactive ones too, newest first',
        tags,
        querystring: z.strictObject({
          q: text({ max: 200 }).optional(),
          sku: Sku.optional(),
          externalId: ExternalId.optional(),
          categoryId: Id.optional(),
          manufacturerId: Id.optional(),
          countryId: Id.optional(),
          active: flag,
          page: wholeNumber(1, 100_000).default(1),
          limit: wholeNumber(1, 100).default(20),
        }),
        response: { 200: z.object({ items: z.array(ProductBody), page: z.int(), limit: z.int(), total: z.int() }) },
      },
      handler: async ({ query: { page, limit, ...filter } }) => {
        const { products, total } = await listForOperators(deps, filter, { page, limit });
        return { items: products.map((product) => toBody(product, currency)), page, limit, total };
      },
    });

    app.post('/admin/products', {
      onRequest,
      schema: {
        operationId: 'createProduct',
        summary: 'A new product',
        tags,
        body: NewProduct,
        response: { 201: ProductBody },
      },
      handler: async (request, reply) => {
        const { title, description, price, ...fields } = request.body;
        const product = await createProduct(
          deps,
          {
            ...fields,
            title: asTranslations(title),
            description: merged({ uk: null, ru: null, en: null }, description),
            price: toMinorUnits(price, currency),
          },
          principalOf(request).customerId,
        );
        sendVersioned(reply, product);
        return reply.code(201).send(toBody(product, currency));
      },
    });

    app.get('/admin/products/:id', {
      onRequest,
      schema: {
        operationId: 'getCatalogueProduct',
        summary: 'One product',
        tags,
        params: IdParams,
        response: { 200: ProductBody },
      },
      handler: async ({ params }, reply) => {
        const product = await getProduct(deps.db, params.id);
        sendVersioned(reply, product);
        return toBody(product, currency);
      },
    });

    app.patch('/admin/products/:id', {
      onRequest,
      schema: {
        operationId: 'changeProduct',
        summary: 'Changes what is sent, and nothing else',
        tags,
        params: IdParams,
        body: ProductChange,
        response: { 200: ProductBody },
      },
      handler: async (request, reply) => {
        const { version, title, description, price, ...fields } = request.body;
        const product = await changeProduct(
          deps,
          request.params.id,
          (before) => ({
            ...fields,
            title: merged(before.title, title),
            description: merged(before.description, description),
            ...(price !== undefined && { price: toMinorUnits(price, currency) }),
          }),
          by(request, version),
        );
        sendVersioned(reply, product);
        return toBody(product, currency);
      },
    });

    app.delete('/admin/products/:id', {
      onRequest,
      schema: {
        operationId: 'removeProduct',
        summary: 'Takes a product out of the catalogue for good',
        tags,
        params: IdParams,
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        await removeProduct(deps, request.params.id, by(request));
        return reply.code(204).send(null);
      },
    });
  };

const toBody = (product: NumberedProduct, currency: string): z.input<typeof ProductBody> => ({
  id: product.id,
  version: product.version,
  number: Number(product.number),
  sku: product.sku,
  slug: product.slug,
  title: product.title,
  description: product.description,
  price: toMajorUnits(product.price, currency),
  currency,
  unit: product.unit,
  categoryId: product.categoryId,
  categoryPath: [...product.categoryPath],
  manufacturerId: product.manufacturerId,
  countryId: product.countryId,
  tags: [...product.tags],
  images: [...product.images],
  options: product.options.map(({ name, values }) => ({ name, values: [...values] })),
  active: product.active,
  externalId: product.externalId,
  package: product.package,
  inStock: product.inStock,
  createdAt: product.createdAt.toISOString(),
  updatedAt: product.updatedAt.toISOString(),
});
