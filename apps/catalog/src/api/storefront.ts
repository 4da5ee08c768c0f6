import type { App, Routes } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Directory, inTreeOrder } from '../directory/directory.ts';
import { listProducts, type Shown, showProduct, showProducts } from '../listing/service.ts';
import { type Made, productKey, type Shared } from '../listing/shelf.ts';
import { type CatalogueLanguage, catalogueLanguage, inLanguage } from '../translation/translation.ts';
import { answerKept } from './kept.ts';
import {
  bytesOf,
  CategoryBody,
  CountryBody,
  ManufacturerBody,
  ProductBody,
  ProductPage,
  productJson,
  type Reading,
  toCategoryBody,
  toCountryBody,
  toManufacturerBody,
  toPageBody,
  toProductBody,
  withItems,
} from './storefront-bodies.ts';
import { filterOf, ProductsQuery } from './storefront-query.ts';

const tags = ['Catalogue'];

/** The catalogue of ../../../api/storefront.md: no sign-in, one language, prices to pay now. */
export const storefrontApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.get('/products', {
      schema: {
        operationId: 'listProducts',
        summary: 'Products, filtered, searched and sorted, a page at a time',
        tags,
        querystring: ProductsQuery,
        response: { 200: ProductPage },
      },
      handler: (request, reply) => {
        const language = catalogueLanguage(request.language);
        const { page, limit, sort, facets, ...rest } = request.query;
        const filter = filterOf({ page, limit, ...rest }, deps.currency);
        const asked = { page, limit, sort, language, facets: facets === '1' || facets === 'true' };
        return answerKept(deps, request, reply, JSON.stringify(['products', asked, rest]), async (shared) => {
          const listing = await listProducts(deps, filter, asked, shared);
          const reading = { directory: await deps.directory.current(), currency: deps.currency, language };
          const items = await shownOf(listing.ids, reading, shared);
          const body = withItems(String(reply.serialize(toPageBody(listing, asked, reading))), items);
          return { body, goodUntil: listing.goodUntil, about: undefined };
        });
      },
    });

    app.get('/products/:idOrSlug', {
      schema: {
        operationId: 'getProduct',
        summary: 'One product by id or slug; a slug that it had earlier leads to it too',
        tags,
        params: z.object({ idOrSlug: z.string().min(1).max(128) }),
        response: { 200: ProductBody },
      },
      handler: (request, reply) => {
        const language = catalogueLanguage(request.language);
        const idOrSlug = request.params.idOrSlug.toLowerCase();
        return answerKept(deps, request, reply, productKey(idOrSlug, language), async (shared) => {
          const shown = await showProduct(deps, idOrSlug, language);
          const reading = { directory: await deps.directory.current(), currency: deps.currency, language };
          return keepShown(shown, reading, shared);
        });
      },
    });

    directoryRoute(app, {
      path: '/categories',
      operationId: 'listCategories',
      summary: 'All active categories, each before its sub-categories',
      body: z.array(CategoryBody),
      list: ({ categories }, language) =>
        inTreeOrder(categories.values())
          .filter(isActive)
          .map((category) => toCategoryBody(category, language)),
    });
    directoryRoute(app, {
      path: '/manufacturers',
      operationId: 'listManufacturers',
      summary: 'All active manufacturers by name',
      body: z.array(ManufacturerBody),
      list: ({ manufacturers }, language) =>
        byName(manufacturers.values(), language).map((manufacturer) => toManufacturerBody(manufacturer, language)),
    });
    directoryRoute(app, {
      path: '/countries',
      operationId: 'listCountries',
      summary: 'All active countries by name',
      body: z.array(CountryBody),
      list: ({ countries }, language) =>
        byName(countries.values(), language).map((country) => toCountryBody(country, language)),
    });

    function directoryRoute<Body extends z.ZodType>(
      { get }: App,
      route: {
        path: string;
        operationId: string;
        summary: string;
        body: Body;
        list(directory: Directory, language: CatalogueLanguage): z.input<Body>;
      },
    ) {
      const { path, operationId, summary, body, list } = route;
      get.call(app, path, {
        schema: { operationId, summary, tags, querystring: z.strictObject({}), response: { 200: body } },
        handler: (request: FastifyRequest, reply: FastifyReply) => {
          const language = catalogueLanguage(request.language);
          return answerKept(deps, request, reply, JSON.stringify([path, language]), async () => {
            const body = bytesOf(String(reply.serialize(list(await deps.directory.current(), language))));
            return { body, goodUntil: null, about: undefined };
          });
        },
      });
    }

    /** The products as JSON, in their order; those that are not at hand are read together. */
    async function shownOf(ids: readonly string[], reading: Reading, shared: Shared) {
      const { language } = reading;
      const found = new Map(ids.map((id) => [id, shared.products.get(productKey(id, language))?.body]));
      const missing = ids.filter((id) => found.get(id) === undefined);
      const shown = missing.length > 0 ? await showProducts(deps, missing, language) : [];
      for (const one of shown) found.set(one.product.id, keepShown(one, reading, shared).body);
      return ids.flatMap((id) => found.get(id) ?? []);
    }

    /** Whoever has seen a product in a list will ask for it by its slug. */
    function keepShown({ product, goodUntil }: Shown, reading: Reading, { products }: Shared): Made {
      const body = bytesOf(productJson(toProductBody(product, reading)));
      const made = { body, goodUntil, about: product.id };
      for (const name of [product.id, product.slug]) products.set(productKey(name, reading.language), made);
      return made;
    }
  };

const isActive = ({ active }: { active: boolean }) => active;

const byName = <Thing extends { active: boolean; name: Parameters<typeof inLanguage>[0] }>(
  things: Iterable<Thing>,
  language: CatalogueLanguage,
): Thing[] => {
  const { compare } = new Intl.Collator(language);
  return [...things]
    .filter(isActive)
    .sort((a, b) => compare(inLanguage(a.name, language), inLanguage(b.name, language)));
};
