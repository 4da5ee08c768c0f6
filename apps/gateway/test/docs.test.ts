import { expect, test } from 'vitest';
import { asCurl } from '../src/docs/first-request.ts';
import { routes } from '../src/routes.ts';
import { aGateway, aService, nobody } from './system.ts';

const aDocumented = (documents: Record<string, unknown>) =>
  aService(({ url = '' }, response) => {
    const document = documents[/^\/internal\/openapi\/(\w+)\.json$/.exec(url)?.[1] ?? ''];
    response
      .writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(document ?? {}));
  });

const operation = (name: string, schema: string) => ({
  operationId: name,
  responses: { 200: { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } } },
});

const storefrontOf = (path: string, name: string, fields: string) => ({
  openapi: '3.1.0',
  paths: {
    '/me': { get: operation('impostor', 'Thing') },
    [path]: { get: operation(name, 'Thing') },
    '/internal/secret': { get: operation('secret', 'Thing') },
  },
  components: {
    schemas: { Thing: { title: fields }, StorefrontError: { title: 'error' } },
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
  },
  tags: [{ name: 'shop' }],
});

interface Document {
  info: Record<string, string>;
  tags: unknown[];
  paths: Record<string, { get: ReturnType<typeof operation> }>;
  components: { schemas: Record<string, { title: string }>; securitySchemes?: unknown };
}

const read = async (origin: string, dialect: string) =>
  (await (await fetch(`${origin}/docs/${dialect}.json`)).json()) as Document;

async function aDocumentedShop() {
  const identity = await aDocumented({ storefront: storefrontOf('/me', 'getMe', 'of identity') });
  const catalog = await aDocumented({
    storefront: storefrontOf('/products/{id}', 'getProduct', 'of catalog'),
    operators: { paths: { '/admin/products': { post: operation('addProduct', 'Thing') } } },
  });
  const silent = (await aDocumented({})).origin;
  return {
    services: {
      identity: identity.origin,
      catalog: catalog.origin,
      orders: silent,
      charging: silent,
      payments: silent,
    },
    catalog,
  };
}

test('a dialect has one document, made of what each service says, and only of what the world can reach', async () => {
  const { services } = await aDocumentedShop();
  const { origin } = await aGateway({ services });
  const document = await read(origin, 'storefront');
  expect(Object.keys(document.paths)).toEqual(['/me', '/products/{id}']);
  expect(document.paths['/me']?.get.operationId).toBe('getMe');
  expect(document.info).toMatchObject({ title: "Storefront: the web shop's customer API", version: '1' });
  expect(document.tags).toEqual([{ name: 'shop' }]);
  expect(document.components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
  const staff = await read(origin, 'operators');
  expect(Object.keys(staff.paths)).toEqual(['/admin/products']);
});

test('schemas of one name that differ are told apart, and every reference still finds its own', async () => {
  const { services } = await aDocumentedShop();
  const { origin } = await aGateway({ services });
  const { paths, components } = await read(origin, 'storefront');
  const titleOf = (path: string) => {
    const reference = paths[path]?.get.responses[200].content['application/json'].schema.$ref;
    return components.schemas[reference?.split('/').at(-1) ?? '']?.title;
  };
  expect([titleOf('/me'), titleOf('/products/{id}')]).toEqual(['of identity', 'of catalog']);
  expect(Object.keys(components.schemas).sort()).toEqual(['StorefrontError', 'Thing', 'catalog_Thing']);
});

test('a service that is away is missing from the document, which says so', async () => {
  const { services } = await aDocumentedShop();
  const { origin } = await aGateway({ services: { ...services, orders: await nobody() } });
  const document = await read(origin, 'storefront');
  expect(document.info.description).toMatch(/\n\nIncomplete: orders did not answer\.$/);
  expect(Object.keys(document.paths)).toHaveLength(2);
});

test('readers of a document do not trouble the services each time', async () => {
  const { services, catalog } = await aDocumentedShop();
  const { origin } = await aGateway({ services });
  for (let reader = 0; reader < 5; reader++) await read(origin, 'storefront');
  expect(catalog.seen).toHaveLength(1);
});

test('the page to read and try them needs nothing from elsewhere, and its policy allows what it loads', async () => {
  const { origin } = await aGateway();
  const page = await fetch(`${origin}/docs`);
  const html = await page.text();
  const policy = page.headers.get('content-security-policy');
  expect(policy).toContain("script-src 'self'");
  expect(html).not.toMatch(/https?:\/\/|<script>|onclick/);
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
  expect(loaded).toHaveLength(5);
  for (const path of loaded) {
    const asset = await fetch(origin + path);
    expect([path, asset.status]).toEqual([path, 200]);
    expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100);
  }
  const script = await (await fetch(`${origin}/docs/ui/init.js`)).text();
  expect(script).toContain('/docs/storefront.json');
  expect(script).toContain('/docs/operators.json');
});

test('the front page and llms.txt lead to what exists', async () => {
  const service = await aService();
  const services = {
    identity: service.origin,
    catalog: service.origin,
    orders: service.origin,
    charging: service.origin,
    payments: service.origin,
  };
  const { origin } = await aGateway({ services });
  const text = `${await (await fetch(origin)).text()}${await (await fetch(`${origin}/llms.txt`)).text()}`;
  const links = new Set([...text.matchAll(/(?:href="|\]\()(\/[^")]*)/g)].map(([, path]) => path as string));
  expect(links).toContain('/docs/storefront.json');
  for (const path of links) {
    const { status } = await fetch(origin + path);
    expect([path, status]).toEqual([path, 200]);
  }
});

test('what takes a bearer token takes a signature or the session cookie in its place, as the document says', async () => {
  const secured = (security?: unknown) => ({ ...operation('x', 'Thing'), ...(security !== undefined && { security }) });
  const identity = await aDocumented({
    storefront: {
      paths: {
        '/me': { get: secured([{ bearer: [] }]), patch: secured([{ bearer: [] }, {}]) },
        '/auth/login': { post: secured() },
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
  });
  const { origin } = await aGateway({ services: { identity: identity.origin } });
  const document = await read(origin, 'storefront');
  expect(document.paths).toMatchObject({
    '/me': {
      get: { security: [{ bearer: [] }, { signature: [] }, { session: [] }] },
      patch: { security: [{ bearer: [] }, { signature: [] }, { session: [] }, {}] },
    },
  });
  expect(document.paths['/auth/login']).not.toHaveProperty('post.security');
  expect(document.components.securitySchemes).toMatchObject({
    bearer: { type: 'http' },
    signature: { type: 'apiKey', in: 'header', name: 'Authentication' },
    session: { type: 'apiKey', in: 'cookie', name: 'session' },
  });
});

test('each document, and the text for language models, begins with a request that can be typed', async () => {
  const { origin } = await aGateway();
  const models = await (await fetch(`${origin}/llms.txt`)).text();
  for (const dialect of new Set(routes.map((row) => row.dialect))) {
    const { info } = await read(origin, dialect.name);
    const [, typed = ''] =
      /^A first request:\n\n```sh\n(curl -s 'localhost:3000\/[^\n]+)\n```/.exec(String(info.description)) ?? [];
    expect(typed, dialect.name).toContain(dialect.firstRequest.path);
    expect(models).toContain(typed);
  }
  expect(asCurl({ path: '/a?b=1', headers: { x: "it's" }, body: { n: 1 } })).toBe(
    "curl -s 'localhost:3000/a?b=1' -H 'x: it'\\''s' -H 'content-type: application/json' -d '{\"n\":1}'",
  );
});
