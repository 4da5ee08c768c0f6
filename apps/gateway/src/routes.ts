import type { Service } from '@forecourt/contracts';
import { clients, type Dialect, driver, mobile, operators, storefront, subscriber } from '@forecourt/dialects';
import type { Traffic } from './limits.ts';

export interface Row {
  /** As a client writes it. `:name` stands for one segment, a final `/*` for the path itself and everything below it. */
  readonly path: string;
  readonly service: Service;
  /** In whose manners the gateway refuses what the service never sees. */
  readonly dialect: Dialect;
  /** Whose allowance of requests a call uses up; `ordinary` unless said. */
  readonly traffic?: Traffic;
  /** How much its bodies may hold when that is more than `BODY_BYTES`; the service says the same. */
  readonly bodyBytes?: number;
  /** Takes uploads: streamed through, up to `LARGE_BODY_BYTES`, with minutes instead of seconds to answer. */
  readonly large?: true;
  /** Answers when a device has, which may take it half a minute. */
  readonly patient?: true;
  readonly websocket?: true;
  /** Answers with a page for people, which needs its own styles and forms. */
  readonly page?: true;
  /** Public answers, the same for everybody: kept for as long as the service says that nothing has changed. */
  readonly kept?: true;
  /** Comes to a password hash: few of these are handed on at once, the others wait here. */
  readonly costly?: true;
  /** Takes the tokens that drivers' apps keep for weeks; elsewhere they are no credential. */
  readonly appTokens?: true;
  /** Takes the keys of service accounts. */
  readonly partnerKeys?: true;
  /** Ends the session that it is asked with. */
  readonly signsOut?: true;
  /** Also answers under `/api/v1/…`, which the service does not know. */
  readonly versioned?: true;
  readonly developmentOnly?: true;
}

const shop = { dialect: storefront } as const;
const partners = { dialect: clients } as const;
const apps = { dialect: mobile } as const;
const drivers = { dialect: driver, versioned: true } as const;
const signedInDrivers = { ...drivers, appTokens: true } as const;
const subscribers = { dialect: subscriber } as const;
const staff = { dialect: operators } as const;

/** Every path that the world can reach, and who answers it. What is not here does not exist. */
export const routes: readonly Row[] = [
  { path: '/auth/register', service: 'identity', ...shop, traffic: 'credentials', costly: true },
  { path: '/auth/login', service: 'identity', ...shop, traffic: 'credentials', costly: true },
  { path: '/auth/refresh', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/auth/forgot-password', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/auth/reset-password', service: 'identity', ...shop, traffic: 'credentials', costly: true },
  { path: '/auth/request-code', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/auth/verify-code', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/auth/logout', service: 'identity', ...shop, appTokens: true, signsOut: true },
  { path: '/me', service: 'identity', ...shop },
  { path: '/me/phone', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/me/phone/confirm', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/me/email', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/me/email/confirm', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/me/password', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/me/export', service: 'identity', ...shop, traffic: 'credentials' },
  { path: '/me/sessions', service: 'identity', ...shop },
  { path: '/me/sessions/:id', service: 'identity', ...shop },
  { path: '/me/devices', service: 'identity', ...shop },
  { path: '/me/devices/:id', service: 'identity', ...shop },
  { path: '/.well-known/jwks.json', service: 'identity', ...shop },

  { path: '/products', service: 'catalog', ...shop, kept: true },
  { path: '/products/:idOrSlug', service: 'catalog', ...shop, kept: true },
  // For as long as a partner listens.
  { path: '/products/sync', service: 'catalog', ...subscribers, partnerKeys: true, large: true },
  { path: '/categories', service: 'catalog', ...shop, kept: true },
  { path: '/manufacturers', service: 'catalog', ...shop, kept: true },
  { path: '/countries', service: 'catalog', ...shop, kept: true },

  { path: '/orders', service: 'orders', ...shop, traffic: 'orders', bodyBytes: 512 * 1024 },
  { path: '/orders/history', service: 'orders', ...shop, traffic: 'orders' },
  { path: '/me/orders', service: 'orders', ...shop },
  { path: '/me/subscriptions', service: 'orders', ...shop },
  { path: '/me/subscriptions/:id/cancel', service: 'orders', ...shop },

  { path: '/me/wallet', service: 'payments', ...shop },
  { path: '/me/wallet/statement', service: 'payments', ...shop },

  { path: '/api/v1/clients', service: 'identity', ...partners },
  { path: '/api/v1/clients/:client_id', service: 'identity', ...partners },
  { path: '/api/v1/clients/:client_id/full_name', service: 'identity', ...partners },
  { path: '/api/v1/clients/:client_id/password', service: 'identity', ...partners, traffic: 'credentials' },
  { path: '/api/v1/clients/:client_id/password/check', service: 'identity', ...partners, traffic: 'credentials' },
  { path: '/api/v1/clients/:client_id/phone_number', service: 'identity', ...partners },
  { path: '/api/v1/clients/:client_id/additional_info', service: 'identity', ...partners },
  { path: '/api/v1/clients/:client_id/sessions', service: 'charging', ...partners },

  { path: '/api/client/mobile/1.0/registration/submit', service: 'identity', ...apps, traffic: 'credentials' },
  { path: '/api/client/mobile/1.0/registration/resubmit', service: 'identity', ...apps, traffic: 'credentials' },
  { path: '/api/client/mobile/1.0/registration/confirm', service: 'identity', ...apps, traffic: 'credentials' },
  { path: '/api/client/mobile/1.0/registration/fcm', service: 'identity', ...apps },
  { path: '/api/client/mobile/1.0/account', service: 'identity', ...apps },
  { path: '/api/client/mobile/1.0/time', service: 'identity', ...apps },
  { path: '/api/client/mobile/1.0/countries', service: 'identity', ...apps },

  { path: '/api/user/otp-request', service: 'identity', ...drivers, traffic: 'credentials' },
  { path: '/api/user/otp-check', service: 'identity', ...drivers, traffic: 'credentials' },
  { path: '/api/user/me', service: 'identity', ...signedInDrivers },
  { path: '/api/customer/update-info', service: 'identity', ...signedInDrivers },
  { path: '/api/customer/replenish', service: 'payments', ...signedInDrivers },
  { path: '/api/customer/replenishment/:invoice_id', service: 'payments', ...signedInDrivers },

  { path: '/register', service: 'identity', ...subscribers, traffic: 'credentials' },
  { path: '/resend', service: 'identity', ...subscribers, traffic: 'credentials' },
  { path: '/restore', service: 'identity', ...subscribers, traffic: 'credentials' },
  { path: '/validate', service: 'identity', ...subscribers, traffic: 'credentials' },
  { path: '/order', service: 'orders', ...subscribers, traffic: 'credentials' },
  { path: '/client/:id', service: 'orders', ...subscribers },
  { path: '/calls', service: 'catalog', ...subscribers, kept: true },

  // What charging stations connect to.
  { path: '/ocpp/:stationId', service: 'charging', ...staff, traffic: 'stations', websocket: true },
  { path: '/api/devices/by-location', service: 'charging', ...drivers },
  { path: '/api/devices/:deviceId/reserve', service: 'charging', ...signedInDrivers, patient: true },
  { path: '/api/devices/:deviceId/start', service: 'charging', ...signedInDrivers, patient: true },
  { path: '/api/devices/:deviceId/finish', service: 'charging', ...signedInDrivers },
  { path: '/api/purchases', service: 'charging', ...signedInDrivers },
  { path: '/api/purchases/:purchaseId/feedback', service: 'charging', ...signedInDrivers },
  { path: '/api/purchases/:purchaseId/receipt', service: 'charging', ...signedInDrivers, page: true },

  // What payment providers call; they read no words of ours.
  { path: '/payments/callback/:number/:token', service: 'payments', ...staff },

  { path: '/admin/customers/*', service: 'identity', ...staff },
  { path: '/admin/app-profiles/*', service: 'identity', ...staff },
  { path: '/admin/service-accounts/*', service: 'identity', ...staff },
  { path: '/admin/audit', service: 'identity', ...staff },
  { path: '/admin/catalogue/*', service: 'catalog', ...staff },
  { path: '/admin/products/import', service: 'catalog', ...staff, partnerKeys: true, large: true },
  { path: '/admin/products/*', service: 'catalog', ...staff },
  { path: '/admin/categories/*', service: 'catalog', ...staff },
  { path: '/admin/manufacturers/*', service: 'catalog', ...staff },
  { path: '/admin/countries/*', service: 'catalog', ...staff },
  { path: '/admin/discounts/*', service: 'catalog', ...staff },
  { path: '/admin/call-rates/*', service: 'catalog', ...staff },
  { path: '/admin/call-rates/import', service: 'catalog', ...staff, bodyBytes: 1024 * 1024 },
  { path: '/admin/stock/import', service: 'orders', ...staff, large: true },
  { path: '/admin/orders/*', service: 'orders', ...staff },
  { path: '/admin/subscriptions/*', service: 'orders', ...staff },
  { path: '/admin/stock/*', service: 'orders', ...staff },
  { path: '/admin/delivery-settings', service: 'orders', ...staff },
  // A statement may be years long, and a provider lists its payments page by page.
  { path: '/admin/ledger/accounts/:accountId/statement', service: 'payments', ...staff, large: true },
  { path: '/admin/ledger/reconciliation', service: 'payments', ...staff, large: true },
  { path: '/admin/ledger/*', service: 'payments', ...staff },
  { path: '/admin/invoices/*', service: 'payments', ...staff },

  { path: '/admin/stations/*', service: 'charging', ...staff },
  { path: '/admin/stations/:stationId/commands', service: 'charging', ...staff, patient: true },
  { path: '/admin/stations/:stationId/password', service: 'charging', ...staff, patient: true },
  { path: '/admin/devices/*', service: 'charging', ...staff },
  { path: '/admin/devices/import', service: 'charging', ...staff, large: true },
  { path: '/admin/cards/*', service: 'charging', ...staff },
  { path: '/admin/sessions/*', service: 'charging', ...staff },
  { path: '/admin/sessions/:sessionId/refund', service: 'charging', ...staff, patient: true },
  { path: '/admin/feedback', service: 'charging', ...staff },
  { path: '/admin/utilisation', service: 'charging', ...staff },
  { path: '/admin/revenue', service: 'charging', ...staff },
  { path: '/admin/suspect-calls/*', service: 'charging', ...staff },

  { path: '/dev/messages', service: 'identity', ...staff, page: true, developmentOnly: true },
];

/** In whose manners a path is refused that is in no row. */
export const dialectAt = (path: string): Dialect =>
  neighbourhoods.find(([beginning]) => beginning.test(path))?.[1] ?? storefront;

const neighbourhoods: readonly (readonly [RegExp, Dialect])[] = [
  [/^\/(admin|dev|ocpp)(\/|$)/, operators],
  [/^\/api\/v1\/clients(\/|$)/, clients],
  [/^\/api\/client\/mobile(\/|$)/, mobile],
  [/^\/api\/(v1\/)?(user|devices|purchases|customer)(\/|$)/, driver],
  [/^\/(register|validate|resend|restore|order|calls|client|products\/sync)(\/|$)/, subscriber],
];

/** The paths of a row as clients write them. */
const spellingsOf = ({ path, versioned }: Row): string[] =>
  versioned ? [path, path.replace(/^\/api\//, '/api/v1/')] : [path];

/** The router's spellings of a row: a subtree is two. */
export const patternsOf = (row: Row): string[] =>
  spellingsOf(row).flatMap((path) => (path.endsWith('/*') ? [path.slice(0, -2), path] : [path]));

/** A target as the row's service knows it; in the router's eyes an escaped `v1` is one, too. */
export function targetAt({ versioned }: Row, target: string): string {
  const [, api, version = '', ...rest] = target.split('/');
  // With a query it is the last segment, and what a query holds need not be readable.
  const isVersion = versioned && !version.includes('?') && decodeURIComponent(version) === 'v1';
  return isVersion ? ['', api, ...rest].join('/') : target;
}

/** The row that answers a plain path; the most literal one, as in the router. */
export function rowAt(rows: readonly Row[], path: string): Row | undefined {
  const segments = path.split('/');
  const fitting = rows.filter((row) => spellingsOf(row).some((spelling) => fits(spelling.split('/'), segments)));
  return fitting.sort((a, b) => precision(b.path) - precision(a.path))[0];
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const subtree = pattern.at(-1) === '*';
  const fixed = subtree ? pattern.slice(0, -1) : pattern;
  if (subtree ? path.length < fixed.length : path.length !== fixed.length) return false;
  return fixed.every((segment, at) => segment === path[at] || (segment.startsWith(':') && path[at] !== ''));
}

/** A literal segment says more than a parameter, and a parameter more than "anything below". */
const precision = (path: string): number =>
  path.split('/').reduce((sum, segment) => sum + (segment === '*' ? 0 : segment.startsWith(':') ? 1 : 2), 0);
