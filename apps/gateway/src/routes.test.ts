import { readFileSync } from 'node:fs';
import { clients, driver, mobile, storefront } from '@forecourt/dialects';
import { expect, test } from 'vitest';
import { dialectAt, patternsOf, type Row, routes, rowAt, targetAt } from './routes.ts';

const named = (path: string): Row => ({ path, service: 'catalog', dialect: storefront });

test('every row names a service whose folder exists', () => {
  for (const { service } of routes) {
    const description = readFileSync(new URL(`../../${service}/package.json`, import.meta.url), 'utf8');
    expect(JSON.parse(description).name).toBe(`@forecourt/${service}`);
  }
});

test('no two rows answer the same path', () => {
  const shapes = routes.flatMap(patternsOf).map((path) => path.replaceAll(/:[^/]+/g, ':'));
  expect(new Set(shapes).size).toBe(shapes.length);
});

test('every row finds itself', () => {
  for (const row of routes) expect(rowAt(routes, row.path.replace(/\/\*$/, '/a/b').replaceAll(/:\w+/g, 'x'))).toBe(row);
});

test.each([
  '/auth/register',
  '/auth/login',
  '/auth/refresh',
  '/auth/logout',
  '/auth/forgot-password',
  '/auth/reset-password',
  '/me',
  '/me/orders',
  '/orders',
  '/orders/history',
  '/products',
  '/products/65f1a2b3c4d5e6f7a8b9c001',
  '/categories',
  '/manufacturers',
  '/countries',
])("the storefront document's %s is answered in its manners", (path) => {
  expect(rowAt(routes, path)?.dialect).toBe(storefront);
});

test.each([
  '/internal/openapi/storefront.json',
  '/metrics',
  '/admin',
  '/health/ready',
  '/',
  '/products/',
  '/me/',
  '/admin/users',
])('no row answers %s', (path) => {
  expect(rowAt(routes, path)).toBeUndefined();
});

test.each([
  '/api/v1/clients',
  '/api/v1/clients/7febf16f-651b-43b0-a5e3-0da8da49e90d',
  '/api/v1/clients/7febf16f-651b-43b0-a5e3-0da8da49e90d/full_name',
  '/api/v1/clients/7febf16f-651b-43b0-a5e3-0da8da49e90d/password',
  '/api/v1/clients/7febf16f-651b-43b0-a5e3-0da8da49e90d/phone_number',
  '/api/v1/clients/7febf16f-651b-43b0-a5e3-0da8da49e90d/additional_info',
  '/api/v1/clients/7febf16f-651b-43b0-a5e3-0da8da49e90d/password/check',
  '/api/v1/clients/7febf16f-651b-43b0-a5e3-0da8da49e90d/sessions',
])("the clients document's %s is answered in its manners", (path) => {
  expect(rowAt(routes, path)?.dialect).toBe(clients);
});

test.each([
  'registration/submit',
  'registration/resubmit',
  'registration/confirm',
  'registration/fcm',
  'account',
  'time',
  'countries',
])("the mobile document's %s is answered in its manners", (name) => {
  expect(rowAt(routes, `/api/client/mobile/1.0/${name}`)?.dialect).toBe(mobile);
});

test.each(['/api/user/otp-request', '/api/user/otp-check', '/api/user/me', '/api/customer/update-info'])(
  "the driver document's %s is answered in its manners, with and without a version",
  (path) => {
    const row = rowAt(routes, path) as Row;
    const versioned = path.replace('/api/', '/api/v1/');
    expect(row.dialect).toBe(driver);
    expect(rowAt(routes, versioned)).toBe(row);
    expect([targetAt(row, path), targetAt(row, `${versioned}?a=/b`)]).toEqual([path, `${path}?a=/b`]);
    // That it cannot be read is for the service to say.
    expect(targetAt(row, `${path}?page=%ff%fe`)).toBe(`${path}?page=%ff%fe`);
  },
);

test('every path of the drivers has both spellings, and no other path has', () => {
  for (const row of routes) expect([row.path, row.versioned === true]).toEqual([row.path, row.dialect === driver]);
});

test('a path that is not versioned goes on as it was written', () => {
  const row = rowAt(routes, '/api/v1/clients') as Row;
  expect(targetAt(row, '/api/v1/clients?x=1')).toBe('/api/v1/clients?x=1');
});

test('the most literal row answers', () => {
  const rows = ['/a/*', '/a/:id', '/a/new', '/a/:id/b/*'].map(named);
  const pathOf = (path: string) => rowAt(rows, path)?.path;
  expect(['/a', '/a/1', '/a/new', '/a/1/b', '/a/1/b/c/d', '/a/1/c'].map(pathOf)).toEqual([
    '/a/*',
    '/a/:id',
    '/a/new',
    '/a/:id/b/*',
    '/a/:id/b/*',
    '/a/*',
  ]);
});

test.each([
  ['/admin', 'operators'],
  ['/admin/x', 'operators'],
  ['/administrator', 'storefront'],
  ['/api/v1/clients/', 'clients'],
  ['/api/v1/clients/x/y/z', 'clients'],
  ['/api/v1/clientside', 'storefront'],
  ['/api/client/mobile/1.0/history', 'mobile'],
  ['/api/client/mobile/2.0', 'mobile'],
  ['/api/client/mobiles', 'storefront'],
  ['/api/user/nothing', 'driver'],
  ['/api/v1/user', 'driver'],
  ['/api/devices/by-location', 'driver'],
  ['/api/v1/purchases/x/feedback', 'driver'],
  ['/api/customer/', 'driver'],
  ['/api/v2/user/me', 'storefront'],
  ['/api/users', 'storefront'],
  ['/register/x', 'subscriber'],
  ['/order', 'subscriber'],
  ['/client', 'subscriber'],
  ['/client/7/balance', 'subscriber'],
  ['/calls/', 'subscriber'],
  ['/orders/x', 'storefront'],
  ['/clients', 'storefront'],
  ['/x', 'storefront'],
  ['/', 'storefront'],
])('what is not there is refused at %s in the manners of its neighbours: %s', (path, name) => {
  expect(dialectAt(path).name).toBe(name);
});
