import { randomUUID } from 'node:crypto';
import { aNewClient } from '../clients/client.ts';
import { aDriversPhone } from '../driver/app.ts';
import { aPassword, aPhone, aRegistration } from '../people.ts';
import type { Things } from './things.ts';

/**
 * Everybody who may knock. `impostor` stands for every wrong credential of `impostors.ts`; `driver` comes with an app's token,
 * `subscriber` with their site's, as a bearer, and `browser` with the same as a cookie; `program` comes with a key.
 */
export const callers = [
  'nobody',
  'impostor',
  'expired',
  'revoked',
  'blocked',
  'customer',
  'another',
  'partner',
  'operator',
  'driver',
  'subscriber',
  'browser',
  'program',
] as const;
export type Caller = (typeof callers)[number];

/** What a caller gets: `ok` is what the row promises, the rest are refusals. */
export type Outcome = 'ok' | 400 | 401 | 403 | 404;

/** Whoever is not let in, wherever somebody has to be. */
const strangers = { nobody: 401, impostor: 401, expired: 401, revoked: 401, blocked: 401 } as const;

/** Kinds of operations, each with one outcome for each caller. Nothing in the table has a rule of its own. */
export const access = {
  /** Credentials are not looked at: everybody gets the same. */
  everyone: all('ok'),
  /** Without a credential one is a guest; a wrong one is refused all the same. */
  guests: { ...all('ok'), ...strangers, nobody: 'ok', driver: 401, program: 401 },
  /** About the caller alone: `another` succeeds, and hears nothing of `customer`. */
  oneself: { ...all('ok'), ...strangers, driver: 401, program: 401 },
  /** The same, and drivers' apps besides. */
  drivers: { ...all('ok'), ...strangers, program: 401 },
  /** Of the app's own session: whoever signed in elsewhere has none. */
  driversApp: { ...all(403), ...strangers, driver: 'ok', program: 401 },
  /** About `customer`, by their id: their own and the operators' business; of nobody else is it even said that it exists. */
  owner: { ...all(404), ...strangers, customer: 'ok', operator: 'ok', driver: 401, program: 401 },
  /** About `customer`, by their number: nobody else may, whether or not somebody has it. */
  client: { ...all(403), ...strangers, customer: 'ok', operator: 'ok', driver: 401, program: 401 },
  /** About what `customer` has bought: nobody else is told that it exists, operators neither, who have doors of their own. */
  buyer: { ...all(404), ...strangers, customer: 'ok', program: 401 },
  /** As `oneself`, to apps: they forget their login on a 401, so that whoever forgot to sign is told by a 400. */
  app: { ...all('ok'), ...strangers, nobody: 400, driver: 401, program: 401 },
  staff: { ...all(403), ...strangers, operator: 'ok', driver: 401, program: 401 },
  /** Programs of partners, and staff. */
  partners: { ...all(403), ...strangers, partner: 'ok', operator: 'ok', driver: 401, program: 'ok' },
} as const satisfies Record<string, Record<Caller, Outcome>>;

function all<const O extends Outcome>(outcome: O): Record<Caller, O> {
  return Object.fromEntries(callers.map((caller) => [caller, outcome])) as Record<Caller, O>;
}

export interface Row {
  /** As the service's router has it. */
  operation: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  for: keyof typeof access;
  /** The status of a success. */
  ok: number;
  /** A request that succeeds when the right caller sends it: path and query, then a body. Asked for anew for each caller. */
  call(things: Things): [path: string, body?: unknown] | Promise<[path: string, body?: unknown]>;
  /** What every request of its dialect comes with. */
  headers?: Readonly<Record<string, string>>;
  /** It changes something for whoever only looks: there is no HEAD. */
  noHead?: true;
  /** Of another type than JSON. */
  contentType?: string;
  /** In no document: for programs, or for developers. */
  undocumented?: true;
  /** Ends a session of the caller's, this one or the others, so that nobody comes whose sessions are needed. */
  endsSession?: true;
}

const headers = { 'hive-profile': 'demo' };
const nothing = '0'.repeat(24);
const callRates = 'name_en,name_ka,name_ru,home_price,home_code,mobile_price,mobile_code\nX,x,х,1,995,1,9955\n';
const uk = (word: string) => ({ uk: `${word} ${randomUUID()}` });

// biome-ignore format: a table is read row by row
export const matrix: readonly Row[] = [
  { operation: 'POST /auth/register', for: 'everyone', ok: 201, call: () => ['/auth/register', aRegistration()] },
  { operation: 'POST /auth/login', for: 'everyone', ok: 201, call: ({ login }) => ['/auth/login', login] },
  { operation: 'POST /auth/refresh', for: 'everyone', ok: 201, call: ({ refreshToken }) => ['/auth/refresh', { refreshToken }] },
  { operation: 'POST /auth/forgot-password', for: 'everyone', ok: 201, call: ({ login }) => ['/auth/forgot-password', { email: login.login }] },
  { operation: 'POST /auth/reset-password', for: 'everyone', ok: 400, call: () => ['/auth/reset-password', { token: 'none', newPassword: aPassword() }] },
  { operation: 'POST /auth/request-code', for: 'everyone', ok: 201, call: () => ['/auth/request-code', { phone: aRegistration().phone, clientId: randomUUID() }] },
  { operation: 'POST /auth/verify-code', for: 'everyone', ok: 404, call: () => ['/auth/verify-code', { phone: aRegistration().phone, clientId: randomUUID(), requestId: randomUUID(), code: '100000' }] },
  { operation: 'POST /auth/logout', for: 'drivers', ok: 204, call: () => ['/auth/logout'], endsSession: true },
  { operation: 'GET /me', for: 'oneself', ok: 200, call: () => ['/me'] },
  { operation: 'PATCH /me', for: 'oneself', ok: 200, call: () => ['/me', { name: 'Олена' }] },

  { operation: 'POST /api/v1/clients', for: 'everyone', ok: 201, call: () => ['/api/v1/clients', aNewClient()] },
  { operation: 'GET /api/v1/clients', for: 'oneself', ok: 200, call: () => ['/api/v1/clients'] },
  { operation: 'GET /api/v1/clients/:client_id', for: 'owner', ok: 200, call: ({ client }) => [`/api/v1/clients/${client.id}`] },
  { operation: 'PATCH /api/v1/clients/:client_id', for: 'owner', ok: 200, call: ({ client }) => [`/api/v1/clients/${client.id}`, { sex: 'f' }] },
  { operation: 'PATCH /api/v1/clients/:client_id/full_name', for: 'owner', ok: 200, call: ({ client }) => [`/api/v1/clients/${client.id}/full_name`, { last_name: 'null' }] },
  { operation: 'PATCH /api/v1/clients/:client_id/password', for: 'owner', ok: 200, call: ({ client: { id, password } }) => [`/api/v1/clients/${id}/password`, { password }] },
  { operation: 'PATCH /api/v1/clients/:client_id/phone_number', for: 'owner', ok: 200, call: ({ client: { id, phone } }) => [`/api/v1/clients/${id}/phone_number`, { phone_number: phone }] },
  { operation: 'PATCH /api/v1/clients/:client_id/additional_info', for: 'owner', ok: 200, call: ({ client }) => [`/api/v1/clients/${client.id}/additional_info`, { additional_info: null }] },
  { operation: 'POST /api/v1/clients/:client_id/password/check', for: 'owner', ok: 200, call: ({ client: { id, password } }) => [`/api/v1/clients/${id}/password/check`, { password }] },
  { operation: 'GET /api/v1/clients/:client_id/sessions', for: 'owner', ok: 200, call: ({ client }) => [`/api/v1/clients/${client.id}/sessions`] },

  { operation: 'DELETE /me', for: 'oneself', ok: 403, call: () => ['/me', {}] },
  { operation: 'POST /me/export', for: 'oneself', ok: 201, call: () => ['/me/export'] },
  { operation: 'GET /me/sessions', for: 'oneself', ok: 200, call: () => ['/me/sessions'] },
  { operation: 'DELETE /me/sessions', for: 'oneself', ok: 204, call: () => ['/me/sessions'], endsSession: true },
  { operation: 'DELETE /me/sessions/:id', for: 'oneself', ok: 404, call: () => [`/me/sessions/${nothing}`] },
  { operation: 'GET /me/devices', for: 'oneself', ok: 200, call: () => ['/me/devices'] },
  { operation: 'DELETE /me/devices/:id', for: 'oneself', ok: 404, call: () => [`/me/devices/${nothing}`] },
  { operation: 'POST /me/phone', for: 'oneself', ok: 403, call: () => ['/me/phone', { phone: aRegistration().phone }] },
  { operation: 'POST /me/phone/confirm', for: 'oneself', ok: 404, call: () => ['/me/phone/confirm', { requestId: randomUUID(), code: '100000' }] },
  { operation: 'POST /me/email', for: 'oneself', ok: 403, call: () => ['/me/email', { email: aRegistration().email }] },
  { operation: 'POST /me/email/confirm', for: 'oneself', ok: 404, call: () => ['/me/email/confirm', { requestId: randomUUID(), code: '100000' }] },
  { operation: 'POST /me/password', for: 'oneself', ok: 403, call: () => ['/me/password', { newPassword: aPassword() }] },
  { operation: 'POST /api/client/mobile/1.0/registration/submit', for: 'everyone', ok: 200, headers, call: () => ['/api/client/mobile/1.0/registration/submit', { phone: aPhone(), info: { firstName: 'Олена' } }] },
  { operation: 'GET /api/client/mobile/1.0/registration/resubmit', for: 'everyone', ok: 400, headers, noHead: true, call: () => ['/api/client/mobile/1.0/registration/resubmit?id=0'] },
  { operation: 'GET /api/client/mobile/1.0/registration/confirm', for: 'everyone', ok: 400, headers, noHead: true, call: () => ['/api/client/mobile/1.0/registration/confirm?id=0&code=123456'] },
  { operation: 'POST /api/client/mobile/1.0/registration/fcm', for: 'app', ok: 400, headers, call: () => ['/api/client/mobile/1.0/registration/fcm', { token: randomUUID() }] },
  { operation: 'GET /api/client/mobile/1.0/account', for: 'app', ok: 200, headers, call: () => ['/api/client/mobile/1.0/account'] },
  { operation: 'GET /api/client/mobile/1.0/time', for: 'everyone', ok: 200, headers, call: () => ['/api/client/mobile/1.0/time'] },
  { operation: 'GET /api/client/mobile/1.0/countries', for: 'everyone', ok: 200, headers, call: () => ['/api/client/mobile/1.0/countries'] },

  // Nobody's number and a wrong code: what succeeds sets cookies, and is looked at in `subscriber/`.
  { operation: 'POST /register', for: 'everyone', ok: 404, call: () => ['/register', { clientId: 2 ** 40 }] },
  { operation: 'POST /resend', for: 'everyone', ok: 404, call: () => ['/resend', { clientId: 2 ** 40 }] },
  { operation: 'POST /restore', for: 'everyone', ok: 404, call: () => ['/restore', { clientId: 2 ** 40 }] },
  { operation: 'POST /validate', for: 'everyone', ok: 400, call: () => ['/validate', { code: 99_999_999 }] },
  // Of a product that nobody sells: no client is made, and no code sent.
  { operation: 'POST /order', for: 'guests', ok: 404, call: () => ['/order', { isUser: false, fisrtName: 'ნინო', lastName: 'ბერიძე', personalNumber: 1_024_012_345, phoneNumber: 555_123_456, productId: 2_147_483_647 }] },
  { operation: 'GET /client/:id', for: 'client', ok: 200, call: ({ client }) => [`/client/${client.number}`] },

  { operation: 'POST /api/user/otp-request', for: 'everyone', ok: 200, call: () => ['/api/user/otp-request', { phone: aDriversPhone() }] },
  { operation: 'POST /api/user/otp-check', for: 'everyone', ok: 401, call: () => ['/api/user/otp-check', { phone: aDriversPhone(), code: '100000' }] },
  { operation: 'POST /api/user/me', for: 'driversApp', ok: 200, call: () => ['/api/user/me'] },
  { operation: 'POST /api/customer/update-info', for: 'drivers', ok: 200, call: () => ['/api/customer/update-info', { name: 'Бат' }] },
  // Of an unpayable amount: no invoice is made, and the customer is who they say.
  { operation: 'POST /api/customer/replenish', for: 'drivers', ok: 400, call: () => ['/api/customer/replenish', { amount: 0 }] },
  { operation: 'POST /api/customer/replenishment/:invoice_id', for: 'drivers', ok: 404, call: () => [`/api/customer/replenishment/${randomUUID()}`] },
  { operation: 'GET /api/devices/by-location', for: 'everyone', ok: 200, call: () => ['/api/devices/by-location?bottom-left-longitude=106&bottom-left-latitude=47&upper-right-longitude=107&upper-right-latitude=48'] },
  { operation: 'POST /api/devices/:deviceId/reserve', for: 'drivers', ok: 404, call: () => [`/api/devices/${nothing}/reserve`] },
  { operation: 'DELETE /api/devices/:deviceId/reserve', for: 'drivers', ok: 404, call: () => [`/api/devices/${nothing}/reserve`] },
  { operation: 'POST /api/devices/:deviceId/start', for: 'drivers', ok: 404, call: () => [`/api/devices/${nothing}/start`] },
  { operation: 'POST /api/devices/:deviceId/finish', for: 'buyer', ok: 200, call: ({ charge }) => [`/api/devices/${charge.deviceId}/finish`] },
  { operation: 'GET /api/purchases', for: 'drivers', ok: 200, call: () => ['/api/purchases?page=1&page-size=50'] },
  { operation: 'POST /api/purchases/:purchaseId/feedback', for: 'buyer', ok: 200, call: ({ charge }) => [`/api/purchases/${charge.purchaseId}/feedback`, { feedback: { score: 5, description: '' } }] },
  { operation: 'GET /api/purchases/:purchaseId/receipt', for: 'buyer', ok: 200, call: ({ charge }) => [`/api/purchases/${charge.purchaseId}/receipt`] },
  { operation: 'GET /payments/callback/:number/:token', for: 'everyone', ok: 404, call: () => [`/payments/callback/${randomUUID()}/${'A'.repeat(43)}`], undocumented: true, noHead: true },
  { operation: 'POST /payments/callback/:number/:token', for: 'everyone', ok: 404, call: () => [`/payments/callback/${randomUUID()}/${'A'.repeat(43)}`], undocumented: true },

  { operation: 'GET /ocpp/:stationId', for: 'everyone', ok: 426, call: () => ['/ocpp/CP-1'], undocumented: true },
  { operation: 'GET /.well-known/jwks.json', for: 'everyone', ok: 200, call: () => ['/.well-known/jwks.json'], undocumented: true },
  { operation: 'GET /dev/messages', for: 'everyone', ok: 200, call: () => ['/dev/messages?to=nobody@example.com'], undocumented: true },

  { operation: 'GET /products', for: 'everyone', ok: 200, call: () => ['/products?limit=3'] },
  { operation: 'GET /products/:idOrSlug', for: 'everyone', ok: 200, call: ({ product }) => [`/products/${product.slug}`] },
  { operation: 'GET /products/sync', for: 'partners', ok: 200, call: () => ['/products/sync?limit=3'] },
  { operation: 'GET /calls', for: 'everyone', ok: 200, call: () => ['/calls'] },
  { operation: 'GET /categories', for: 'everyone', ok: 200, call: () => ['/categories'] },
  { operation: 'GET /manufacturers', for: 'everyone', ok: 200, call: () => ['/manufacturers'] },
  { operation: 'GET /countries', for: 'everyone', ok: 200, call: () => ['/countries'] },

  { operation: 'POST /orders', for: 'guests', ok: 201, call: ({ anOrder }) => ['/orders', anOrder()] },
  { operation: 'GET /orders/history', for: 'everyone', ok: 200, call: ({ guest }) => [`/orders/history?${new URLSearchParams(guest)}`] },
  { operation: 'GET /me/orders', for: 'oneself', ok: 200, call: () => ['/me/orders'] },
  { operation: 'GET /me/subscriptions', for: 'oneself', ok: 200, call: () => ['/me/subscriptions'] },
  { operation: 'POST /me/subscriptions/:id/cancel', for: 'oneself', ok: 404, call: () => [`/me/subscriptions/${nothing}/cancel`] },

  { operation: 'GET /me/wallet', for: 'oneself', ok: 200, call: () => ['/me/wallet'] },
  { operation: 'GET /me/wallet/statement', for: 'oneself', ok: 200, call: () => ['/me/wallet/statement'] },

  { operation: 'GET /admin/customers', for: 'staff', ok: 200, call: () => ['/admin/customers?limit=1'] },
  { operation: 'GET /admin/customers/:customerId', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}`] },
  { operation: 'POST /admin/customers/:customerId/block', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}/block`] },
  { operation: 'POST /admin/customers/:customerId/unblock', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}/unblock`] },
  { operation: 'DELETE /admin/customers/:customerId/sessions', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}/sessions`] },
  { operation: 'GET /admin/customers/:customerId/sessions', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}/sessions`] },
  { operation: 'DELETE /admin/customers/:customerId/sessions/:sessionId', for: 'staff', ok: 404, call: ({ victim }) => [`/admin/customers/${victim.id}/sessions/${nothing}`] },
  { operation: 'GET /admin/customers/:customerId/devices', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}/devices`] },
  { operation: 'DELETE /admin/customers/:customerId/devices/:deviceId', for: 'staff', ok: 404, call: ({ victim }) => [`/admin/customers/${victim.id}/devices/${nothing}`] },
  { operation: 'PUT /admin/customers/:customerId/roles/:role', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}/roles/partner`] },
  { operation: 'DELETE /admin/customers/:customerId/roles/:role', for: 'staff', ok: 200, call: ({ victim }) => [`/admin/customers/${victim.id}/roles/partner`] },
  { operation: 'GET /admin/audit', for: 'staff', ok: 200, call: () => ['/admin/audit?limit=1'] },

  { operation: 'GET /admin/app-profiles', for: 'staff', ok: 200, call: () => ['/admin/app-profiles'] },
  { operation: 'POST /admin/app-profiles', for: 'staff', ok: 201, call: () => ['/admin/app-profiles', { id: randomUUID(), name: 'Застосунок' }] },
  { operation: 'GET /admin/app-profiles/:profileId', for: 'staff', ok: 200, call: () => ['/admin/app-profiles/demo'] },
  { operation: 'PATCH /admin/app-profiles/:profileId', for: 'staff', ok: 200, call: ({ appProfile }) => [`/admin/app-profiles/${appProfile.id}`, { name: 'Інший' }] },
  { operation: 'POST /admin/app-profiles/:profileId/block', for: 'staff', ok: 200, call: ({ appProfile }) => [`/admin/app-profiles/${appProfile.id}/block`] },
  { operation: 'POST /admin/app-profiles/:profileId/unblock', for: 'staff', ok: 200, call: ({ appProfile }) => [`/admin/app-profiles/${appProfile.id}/unblock`] },
  { operation: 'GET /admin/service-accounts', for: 'staff', ok: 200, call: () => ['/admin/service-accounts?limit=1'] },
  { operation: 'POST /admin/service-accounts', for: 'staff', ok: 201, call: () => ['/admin/service-accounts', { name: randomUUID(), roles: ['partner'] }] },
  { operation: 'GET /admin/service-accounts/:accountId', for: 'staff', ok: 200, call: ({ serviceAccount }) => [`/admin/service-accounts/${serviceAccount.id}`] },
  { operation: 'POST /admin/service-accounts/:accountId/rotate', for: 'staff', ok: 201, call: ({ serviceAccount }) => [`/admin/service-accounts/${serviceAccount.id}/rotate`, {}] },
  { operation: 'POST /admin/service-accounts/:accountId/revoke', for: 'staff', ok: 200, call: ({ serviceAccount }) => [`/admin/service-accounts/${serviceAccount.spare}/revoke`] },

  { operation: 'GET /admin/products', for: 'staff', ok: 200, call: () => ['/admin/products?limit=1'] },
  { operation: 'POST /admin/products', for: 'staff', ok: 201, call: ({ category }) => ['/admin/products', { sku: randomUUID(), title: uk('Товар'), price: 1, categoryId: category.id }] },
  { operation: 'GET /admin/products/:id', for: 'staff', ok: 200, call: ({ product }) => [`/admin/products/${product.id}`] },
  { operation: 'PATCH /admin/products/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/products/${spare.product.id}`, { price: 2 }] },
  { operation: 'DELETE /admin/products/:id', for: 'staff', ok: 204, call: ({ spare }) => [`/admin/products/${spare.product.id}`] },
  { operation: 'POST /admin/products/import', for: 'partners', ok: 200, call: () => ['/admin/products/import?dryRun=true', '{"sku":"none"}\n'], contentType: 'application/x-ndjson' },
  { operation: 'GET /admin/categories', for: 'staff', ok: 200, call: () => ['/admin/categories'] },
  { operation: 'POST /admin/categories', for: 'staff', ok: 201, call: () => ['/admin/categories', { name: uk('Категорія') }] },
  { operation: 'GET /admin/categories/:id', for: 'staff', ok: 200, call: ({ category }) => [`/admin/categories/${category.id}`] },
  { operation: 'PATCH /admin/categories/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/categories/${spare.category.id}`, { position: 7 }] },
  { operation: 'DELETE /admin/categories/:id', for: 'staff', ok: 204, call: ({ spare }) => [`/admin/categories/${spare.category.id}`] },
  { operation: 'GET /admin/manufacturers', for: 'staff', ok: 200, call: () => ['/admin/manufacturers'] },
  { operation: 'POST /admin/manufacturers', for: 'staff', ok: 201, call: () => ['/admin/manufacturers', { name: uk('Виробник') }] },
  { operation: 'GET /admin/manufacturers/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/manufacturers/${spare.manufacturer.id}`] },
  { operation: 'PATCH /admin/manufacturers/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/manufacturers/${spare.manufacturer.id}`, { active: false }] },
  { operation: 'DELETE /admin/manufacturers/:id', for: 'staff', ok: 204, call: ({ spare }) => [`/admin/manufacturers/${spare.manufacturer.id}`] },
  { operation: 'GET /admin/countries', for: 'staff', ok: 200, call: () => ['/admin/countries'] },
  { operation: 'POST /admin/countries', for: 'staff', ok: 201, call: ({ freeCode }) => ['/admin/countries', { code: freeCode, name: uk('Країна'), active: false }] },
  { operation: 'GET /admin/countries/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/countries/${spare.country.id}`] },
  { operation: 'PATCH /admin/countries/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/countries/${spare.country.id}`, { name: uk('Країна') }] },
  { operation: 'DELETE /admin/countries/:id', for: 'staff', ok: 204, call: ({ spare }) => [`/admin/countries/${spare.country.id}`] },
  { operation: 'GET /admin/discounts', for: 'staff', ok: 200, call: () => ['/admin/discounts'] },
  { operation: 'POST /admin/discounts', for: 'staff', ok: 201, call: ({ product }) => ['/admin/discounts', { name: randomUUID(), type: 'percent', value: 1, scope: 'product', targetId: product.id, active: false }] },
  { operation: 'GET /admin/discounts/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/discounts/${spare.discount.id}`] },
  { operation: 'PATCH /admin/discounts/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/discounts/${spare.discount.id}`, { value: 2 }] },
  { operation: 'DELETE /admin/discounts/:id', for: 'staff', ok: 204, call: ({ spare }) => [`/admin/discounts/${spare.discount.id}`] },
  { operation: 'GET /admin/call-rates', for: 'staff', ok: 200, call: () => ['/admin/call-rates?limit=1'] },
  { operation: 'GET /admin/call-rates/:number', for: 'staff', ok: 404, call: () => ['/admin/call-rates/999999999'] },
  { operation: 'POST /admin/call-rates/import', for: 'staff', ok: 200, call: () => ['/admin/call-rates/import?dryRun=true', callRates], contentType: 'text/csv' },
  { operation: 'GET /admin/catalogue/changes', for: 'staff', ok: 200, call: () => ['/admin/catalogue/changes?limit=1'] },

  { operation: 'GET /admin/orders', for: 'staff', ok: 200, call: () => ['/admin/orders?limit=1'] },
  { operation: 'GET /admin/orders/:orderId', for: 'staff', ok: 200, call: ({ order }) => [`/admin/orders/${order._id}`] },
  { operation: 'POST /admin/orders/:orderId/move', for: 'staff', ok: 200, call: ({ order }) => [`/admin/orders/${order._id}/move`, { to: 'processing' }] },
  { operation: 'GET /admin/subscriptions', for: 'staff', ok: 200, call: () => ['/admin/subscriptions?limit=1'] },
  { operation: 'GET /admin/subscriptions/:id', for: 'staff', ok: 404, call: () => [`/admin/subscriptions/${nothing}`] },
  { operation: 'POST /admin/subscriptions/:id/extend', for: 'staff', ok: 404, call: () => [`/admin/subscriptions/${nothing}/extend`, { days: 1, reason: 'goodwill' }] },
  { operation: 'POST /admin/subscriptions/:id/cancel', for: 'staff', ok: 404, call: () => [`/admin/subscriptions/${nothing}/cancel`, { reason: 'asked by phone' }] },
  { operation: 'GET /admin/stock', for: 'staff', ok: 200, call: () => ['/admin/stock?limit=1'] },
  { operation: 'PUT /admin/stock/:productId', for: 'staff', ok: 204, call: ({ product }) => [`/admin/stock/${product.id}`, { quantity: null }] },
  { operation: 'POST /admin/stock/import', for: 'staff', ok: 200, call: () => ['/admin/stock/import', `sku,quantity\n${nothing},1\n`], contentType: 'text/csv' },
  { operation: 'GET /admin/delivery-settings', for: 'staff', ok: 200, call: () => ['/admin/delivery-settings'] },
  { operation: 'PUT /admin/delivery-settings', for: 'staff', ok: 200, call: () => ['/admin/delivery-settings', { fee: null }] },

  { operation: 'GET /admin/ledger/accounts', for: 'staff', ok: 200, call: () => ['/admin/ledger/accounts?limit=1'] },
  { operation: 'GET /admin/ledger/accounts/:accountId', for: 'staff', ok: 200, call: ({ ledger }) => [`/admin/ledger/accounts/${ledger.accountId}`] },
  { operation: 'GET /admin/ledger/accounts/:accountId/statement', for: 'staff', ok: 200, call: ({ ledger }) => [`/admin/ledger/accounts/${ledger.accountId}/statement?format=csv`] },
  { operation: 'GET /admin/ledger/transfers/:transferId', for: 'staff', ok: 200, call: ({ ledger }) => [`/admin/ledger/transfers/${ledger.transferId}`] },
  { operation: 'POST /admin/ledger/refunds', for: 'staff', ok: 404, call: ({ ledger }) => ['/admin/ledger/refunds', { key: randomUUID(), transferId: ledger.transferId, amount: 1, reason: 'Nobody paid' }] },
  { operation: 'GET /admin/ledger/adjustments', for: 'staff', ok: 200, call: () => ['/admin/ledger/adjustments?limit=1'] },
  { operation: 'POST /admin/ledger/adjustments', for: 'staff', ok: 201, call: ({ ledger }) => ['/admin/ledger/adjustments', { key: randomUUID(), accountId: ledger.accountId, amount: 1, reason: 'A bonus' }] },
  { operation: 'GET /admin/ledger/adjustments/:adjustmentId', for: 'staff', ok: 200, call: ({ ledger }) => [`/admin/ledger/adjustments/${ledger.toApprove}`] },
  { operation: 'POST /admin/ledger/adjustments/:adjustmentId/approve', for: 'staff', ok: 200, call: ({ ledger }) => [`/admin/ledger/adjustments/${ledger.toApprove}/approve`] },
  { operation: 'POST /admin/ledger/adjustments/:adjustmentId/reject', for: 'staff', ok: 200, call: ({ ledger }) => [`/admin/ledger/adjustments/${ledger.toReject}/reject`] },
  { operation: 'GET /admin/ledger/holds', for: 'staff', ok: 200, call: () => ['/admin/ledger/holds?limit=1'] },
  { operation: 'GET /admin/ledger/reconciliation', for: 'staff', ok: 200, call: () => ['/admin/ledger/reconciliation?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z'] },
  { operation: 'GET /admin/invoices', for: 'staff', ok: 200, call: () => ['/admin/invoices?limit=1'] },
  { operation: 'GET /admin/invoices/:invoiceId', for: 'staff', ok: 404, call: () => [`/admin/invoices/${randomUUID()}`] },
  { operation: 'POST /admin/invoices/:invoiceId/payments', for: 'staff', ok: 404, call: () => [`/admin/invoices/${randomUUID()}/payments`, { paymentId: randomUUID(), amount: 1 }] },

  { operation: 'GET /admin/stations', for: 'staff', ok: 200, call: () => ['/admin/stations?limit=1'] },
  { operation: 'POST /admin/stations', for: 'staff', ok: 201, call: () => ['/admin/stations', { identity: randomUUID() }] },
  { operation: 'GET /admin/stations/:stationId', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}`] },
  { operation: 'PATCH /admin/stations/:stationId', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}`, { name: 'North' }] },
  { operation: 'POST /admin/stations/:stationId/accept', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}/accept`] },
  { operation: 'POST /admin/stations/:stationId/block', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}/block`] },
  { operation: 'POST /admin/stations/:stationId/password', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}/password`, { over: 'hand' }] },
  { operation: 'POST /admin/stations/:stationId/commands', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}/commands`, { action: 'reset', kind: 'soft' }] },
  { operation: 'GET /admin/stations/:stationId/commands', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}/commands`] },
  { operation: 'GET /admin/stations/:stationId/log', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}/log`] },
  { operation: 'GET /admin/stations/:stationId/frames', for: 'staff', ok: 200, call: ({ station }) => [`/admin/stations/${station.id}/frames`] },
  { operation: 'GET /admin/suspect-calls', for: 'staff', ok: 200, call: () => ['/admin/suspect-calls?limit=1'] },
  { operation: 'POST /admin/suspect-calls/:callId/resolve', for: 'staff', ok: 200, call: ({ charge }) => [`/admin/suspect-calls/${charge.suspectCallId}/resolve`] },
  { operation: 'GET /admin/devices', for: 'staff', ok: 200, call: () => ['/admin/devices?limit=1'] },
  { operation: 'POST /admin/devices', for: 'staff', ok: 201, call: ({ station }) => ['/admin/devices', { stationId: station.id, connector: station.freeConnector(), number: randomUUID(), longitude: 106.9, latitude: 47.9, price: 1, waitingPrice: 1 }] },
  { operation: 'GET /admin/devices/:deviceId', for: 'staff', ok: 200, call: ({ station }) => [`/admin/devices/${station.deviceId}`] },
  { operation: 'PATCH /admin/devices/:deviceId', for: 'staff', ok: 200, call: ({ station }) => [`/admin/devices/${station.deviceId}`, { price: 2 }] },
  { operation: 'POST /admin/devices/import', for: 'staff', ok: 200, call: () => ['/admin/devices/import?dryRun=true', 'number,price\nnone,1\n'], contentType: 'text/csv' },
  { operation: 'GET /admin/cards', for: 'staff', ok: 200, call: () => ['/admin/cards?limit=1'] },
  { operation: 'POST /admin/cards', for: 'staff', ok: 201, call: ({ victim }) => ['/admin/cards', { token: randomUUID(), customerId: victim.id }] },
  { operation: 'GET /admin/cards/:cardId', for: 'staff', ok: 200, call: ({ charge }) => [`/admin/cards/${charge.cardId}`] },
  { operation: 'PATCH /admin/cards/:cardId', for: 'staff', ok: 200, call: ({ charge }) => [`/admin/cards/${charge.cardId}`, { blocked: true }] },
  { operation: 'DELETE /admin/cards/:cardId', for: 'staff', ok: 204, call: ({ charge }) => [`/admin/cards/${charge.cardId}`] },
  { operation: 'GET /admin/sessions', for: 'staff', ok: 200, call: () => ['/admin/sessions?limit=1'] },
  { operation: 'GET /admin/sessions/:sessionId', for: 'staff', ok: 200, call: ({ charge }) => [`/admin/sessions/${charge.purchaseId}`] },
  { operation: 'GET /admin/sessions/:sessionId/readings', for: 'staff', ok: 200, call: ({ charge }) => [`/admin/sessions/${charge.purchaseId}/readings`] },
  { operation: 'POST /admin/sessions/:sessionId/finish', for: 'staff', ok: 409, call: ({ charge }) => [`/admin/sessions/${charge.purchaseId}/finish`, { settle: true }] },
  { operation: 'POST /admin/sessions/:sessionId/refund', for: 'staff', ok: 200, call: ({ charge }) => [`/admin/sessions/${charge.purchaseId}/refund`, { key: randomUUID(), amount: 1, reason: 'It took long' }] },
  { operation: 'GET /admin/feedback', for: 'staff', ok: 200, call: () => ['/admin/feedback?limit=1'] },
  { operation: 'GET /admin/revenue', for: 'staff', ok: 200, call: () => ['/admin/revenue?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z'] },
  { operation: 'GET /admin/utilisation', for: 'staff', ok: 200, call: () => ['/admin/utilisation?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&limit=1'] },
];
