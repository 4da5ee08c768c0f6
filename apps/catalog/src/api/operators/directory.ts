import type { App, Routes } from '@forecourt/service-kit';
import { principalOf } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { changeCategory, createCategory, getCategory, listCategories, removeCategory } from '../../category/service.ts';
import { changeCountry, createCountry, getCountry, listCountries, removeCountry } from '../../country/service.ts';
import type { Deps } from '../../deps.ts';
import { Slug } from '../../import/row.ts';
import {
  changeManufacturer,
  createManufacturer,
  getManufacturer,
  listManufacturers,
  removeManufacturer,
} from '../../manufacturer/service.ts';
import {
  asTranslations,
  by,
  ExpectedVersion,
  Id,
  IdParams,
  merged,
  Name,
  NameBody,
  NameChange,
  sendVersioned,
} from './common.ts';

const bookkeeping = { version: z.int(), createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() };
const position = z.int().min(0).max(1_000_000);
const Code = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .meta({ description: 'ISO 3166-1 alpha-2.' });

/** Categories, manufacturers and countries: what products point at. Each is created, read, changed and, unless in use, removed. */
export const directoryRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    lookup(app, {
      path: '/admin/categories',
      noun: ['category', 'categories', 'Category', 'Categories'],
      Body: z
        .object({
          id: z.string(),
          parentId: z.string().nullable(),
          path: z.array(z.string()),
          slug: z.string(),
          name: NameBody,
          position: z.int(),
          active: z.boolean(),
          ...bookkeeping,
        })
        .meta({ id: 'CatalogueCategory' }),
      New: z.strictObject({
        parentId: Id.nullable().default(null),
        slug: Slug.optional(),
        name: Name,
        position: position.default(0),
        active: z.boolean().default(true),
      }),
      Change: z.strictObject({
        version: ExpectedVersion,
        parentId: Id.nullable().optional(),
        slug: Slug.optional(),
        name: NameChange.optional(),
        position: position.optional(),
        active: z.boolean().optional(),
      }),
      list: () => listCategories(deps),
      get: (id) => getCategory(deps.db, id),
      create: ({ name, ...fields }, actor) => createCategory(deps, { ...fields, name: asTranslations(name) }, actor),
      change: (id, { name, version: _version, ...fields }, who) =>
        changeCategory(deps, id, (before) => ({ ...fields, name: merged(before.name, name) }), who),
      remove: (id, who) => removeCategory(deps, id, who),
    });
    lookup(app, {
      path: '/admin/manufacturers',
      noun: ['manufacturer', 'manufacturers', 'Manufacturer', 'Manufacturers'],
      Body: z
        .object({ id: z.string(), slug: z.string(), name: NameBody, active: z.boolean(), ...bookkeeping })
        .meta({ id: 'CatalogueManufacturer' }),
      New: z.strictObject({ slug: Slug.optional(), name: Name, active: z.boolean().default(true) }),
      Change: z.strictObject({
        version: ExpectedVersion,
        slug: Slug.optional(),
        name: NameChange.optional(),
        active: z.boolean().optional(),
      }),
      list: () => listManufacturers(deps),
      get: (id) => getManufacturer(deps.db, id),
      create: ({ name, ...fields }, actor) =>
        createManufacturer(deps, { ...fields, name: asTranslations(name) }, actor),
      change: (id, { name, version: _version, ...fields }, who) =>
        changeManufacturer(deps, id, (before) => ({ ...fields, name: merged(before.name, name) }), who),
      remove: (id, who) => removeManufacturer(deps, id, who),
    });
    lookup(app, {
      path: '/admin/countries',
      noun: ['country', 'countries', 'Country', 'Countries'],
      Body: z
        .object({ id: z.string(), code: z.string(), name: NameBody, active: z.boolean(), ...bookkeeping })
        .meta({ id: 'CatalogueCountry' }),
      New: z.strictObject({ code: Code, name: Name, active: z.boolean().default(true) }),
      Change: z.strictObject({
        version: ExpectedVersion,
        code: Code.optional(),
        name: NameChange.optional(),
        active: z.boolean().optional(),
      }),
      list: () => listCountries(deps),
      get: (id) => getCountry(deps.db, id),
      create: ({ name, ...fields }, actor) => createCountry(deps, { ...fields, name: asTranslations(name) }, actor),
      change: (id, { name, version: _version, ...fields }, who) =>
        changeCountry(deps, id, (before) => ({ ...fields, name: merged(before.name, name) }), who),
      remove: (id, who) => removeCountry(deps, id, who),
    });
  };

interface Stored {
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface Lookup<
  New extends z.ZodType,
  Change extends z.ZodType<{ version?: number | undefined }>,
  Body extends z.ZodType,
> {
  readonly path: string;
  /** As in sentences and in operation ids, one and many. */
  readonly noun: readonly [string, string, string, string];
  readonly Body: Body;
  readonly New: New;
  readonly Change: Change;
  list(): Promise<Stored[]>;
  get(id: string): Promise<Stored>;
  create(fields: z.output<New>, actor: string): Promise<Stored>;
  change(id: string, change: z.output<Change>, who: ReturnType<typeof by>): Promise<Stored>;
  remove(id: string, who: ReturnType<typeof by>): Promise<void>;
}

function lookup<
  New extends z.ZodType,
  Change extends z.ZodType<{ version?: number | undefined }>,
  Body extends z.ZodType,
>(
  app: App,
  {
    path,
    noun: [one, many, One, Many],
    Body,
    New,
    Change,
    list,
    get,
    create,
    change,
    remove,
  }: Lookup<New, Change, Body>,
): void {
  const onRequest = app.requireRole('operator');
  const tags = [Many];
  const Answer: z.ZodType = Body;

  app.get(path, {
    onRequest,
    schema: {
      operationId: `listCatalogue${Many}`,
      summary: `All ${many}, inactive ones too`,
      tags,
      querystring: z.strictObject({}),
      response: { 200: z.array(Answer) },
    },
    handler: async (_request, reply: FastifyReply) => reply.send((await list()).map(asJson)),
  });
  app.post(path, {
    onRequest,
    schema: { operationId: `create${One}`, summary: `A new ${one}`, tags, body: New, response: { 201: Answer } },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const thing = await create(request.body as z.output<New>, principalOf(request).customerId);
      sendVersioned(reply, thing);
      return reply.code(201).send(asJson(thing));
    },
  });
  app.get(`${path}/:id`, {
    onRequest,
    schema: {
      operationId: `getCatalogue${One}`,
      summary: `One ${one}`,
      tags,
      params: IdParams,
      response: { 200: Answer },
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const thing = await get(idOf(request));
      sendVersioned(reply, thing);
      return reply.send(asJson(thing));
    },
  });
  app.patch(`${path}/:id`, {
    onRequest,
    schema: {
      operationId: `change${One}`,
      summary: 'Changes what is sent, and nothing else',
      tags,
      params: IdParams,
      body: Change,
      response: { 200: Answer },
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const sent = request.body as z.output<Change>;
      const thing = await change(idOf(request), sent, by(request, sent.version));
      sendVersioned(reply, thing);
      return reply.send(asJson(thing));
    },
  });
  app.delete(`${path}/:id`, {
    onRequest,
    schema: {
      operationId: `remove${One}`,
      summary: `Removes a ${one} that nothing uses any more`,
      tags,
      params: IdParams,
      response: { 204: z.null() },
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      await remove(idOf(request), by(request));
      return reply.code(204).send(null);
    },
  });
}

const idOf = (request: FastifyRequest) => (request.params as z.output<typeof IdParams>).id;

const asJson = ({ createdAt, updatedAt, ...thing }: Stored): unknown => ({
  ...thing,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
