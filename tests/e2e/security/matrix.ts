import { randomUUID } from 'node:crypto';
import { aNewClient } from '../clients/client.ts';
import { aDriversPhone } from '../driver/app.ts';
import { aPassword, aPhone, aRegistration } from '../people.ts';
import type { Things } from './things.ts';

/** Everybody who may knock. `impostor` stands for every wrong credential of `impostors.ts`; `driver` comes with an app's token. */
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
] as const;
export type Caller = (typeof callers)[number];

/** What a caller gets: `ok` is what the row promises, the rest are refusals. */
export type Outcome = 'ok' | 400 | 401 | 403 | 404;

/** Kinds of operations, each with one outcome for each caller. Nothing in the table has a rule of its own. */
export const access = {
  /** Credentials are not looked at: everybody gets the same. */
  everyone: all('ok'),
  /** Without a credential one is a guest; a wrong one is refused all the same. */
  guests: { ...all('ok'), impostor: 401, expired: 401, revoked: 401, blocked: 401, driver: 401 },
  /** About the caller alone: `another` succeeds, and hears nothing of `customer`. */
  oneself: { ...all('ok'), nobody: 401, impostor: 401, expired: 401, revoked: 401, blocked: 401, driver: 401 },
  /** The same, and drivers' apps besides. */
  drivers: { ...all('ok'), nobody: 401, impostor: 401, expired: 401, revoked: 401, blocked: 401 },
  /** Of the app's own session: whoever signed in elsewhere has none. */
  driversApp: { ...all(401), customer: 403, another: 403, partner: 403, operator: 403, driver: 'ok' },
  /** About `customer`, by their id: their own and the operators' business; of nobody else is it even said that it exists. */
  owner: { ...all(401), customer: 'ok', another: 404, partner: 404, operator: 'ok' },
  /** As `oneself`, to apps: they forget their login on a 401, so that whoever forgot to sign is told by a 400. */
  app: { ...all('ok'), nobody: 400, impostor: 401, expired: 401, revoked: 401, blocked: 401, driver: 401 },
  staff: { ...all(401), customer: 403, another: 403, partner: 403, operator: 'ok' },
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

  { operation: 'POST /api/user/otp-request', for: 'everyone', ok: 200, call: () => ['/api/user/otp-request', { phone: aDriversPhone() }] },
  { operation: 'POST /api/user/otp-check', for: 'everyone', ok: 401, call: () => ['/api/user/otp-check', { phone: aDriversPhone(), code: '100000' }] },
  { operation: 'POST /api/user/me', for: 'driversApp', ok: 200, call: () => ['/api/user/me'] },
  { operation: 'POST /api/customer/update-info', for: 'drivers', ok: 200, call: () => ['/api/customer/update-info', { name: 'Бат' }] },
  // Of an unpayable amount: no invoice is made, and the customer is who they say.
  { operation: 'POST /api/customer/replenish', for: 'drivers', ok: 400, call: () => ['/api/customer/replenish', { amount: 0 }] },
  { operation: 'POST /api/customer/replenishment/:invoice_id', for: 'drivers', ok: 404, call: () => [`/api/customer/replenishment/${randomUUID()}`] },
  { operation: 'GET /payments/callback/:number/:token', for: 'everyone', ok: 404, call: () => [`/payments/callback/${randomUUID()}/${'A'.repeat(43)}`], undocumented: true, noHead: true },
  { operation: 'POST /payments/callback/:number/:token', for: 'everyone', ok: 404, call: () => [`/payments/callback/${randomUUID()}/${'A'.repeat(43)}`], undocumented: true },

  { operation: 'GET /.well-known/jwks.json', for: 'everyone', ok: 200, call: () => ['/.well-known/jwks.json'], undocumented: true },
  { operation: 'GET /dev/messages', for: 'everyone', ok: 200, call: () => ['/dev/messages?to=nobody@example.com'], undocumented: true },

  { operation: 'GET /products', for: 'everyone', ok: 200, call: () => ['/products?limit=3'] },
  { operation: 'GET /products/:idOrSlug', for: 'everyone', ok: 200, call: ({ product }) => [`/products/${product.slug}`] },
  { operation: 'GET /categories', for: 'everyone', ok: 200, call: () => ['/categories'] },
  { operation: 'GET /manufacturers', for: 'everyone', ok: 200, call: () => ['/manufacturers'] },
  { operation: 'GET /countries', for: 'everyone', ok: 200, call: () => ['/countries'] },

  { operation: 'POST /orders', for: 'guests', ok: 201, call: ({ anOrder }) => ['/orders', anOrder()] },
  { operation: 'GET /orders/history', for: 'everyone', ok: 200, call: ({ guest }) => [`/orders/history?${new URLSearchParams(guest)}`] },
  { operation: 'GET /me/orders', for: 'oneself', ok: 200, call: () => ['/me/orders'] },

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

  { operation: 'GET /admin/products', for: 'staff', ok: 200, call: () => ['/admin/products?limit=1'] },
  { operation: 'POST /admin/products', for: 'staff', ok: 201, call: ({ category }) => ['/admin/products', { sku: randomUUID(), title: uk('Товар'), price: 1, categoryId: category.id }] },
  { operation: 'GET /admin/products/:id', for: 'staff', ok: 200, call: ({ product }) => [`/admin/products/${product.id}`] },
  { operation: 'PATCH /admin/products/:id', for: 'staff', ok: 200, call: ({ spare }) => [`/admin/products/${spare.product.id}`, { price: 2 }] },
  { operation: 'DELETE /admin/products/:id', for: 'staff', ok: 204, call: ({ spare }) => [`/admin/products/${spare.product.id}`] },
  { operation: 'POST /admin/products/import', for: 'staff', ok: 200, call: () => ['/admin/products/import?dryRun=true', '{"sku":"none"}\n'], contentType: 'application/x-ndjson' },
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
  { operation: 'GET /admin/catalogue/changes', for: 'staff', ok: 200, call: () => ['/admin/catalogue/changes?limit=1'] },

  { operation: 'GET /admin/orders', for: 'staff', ok: 200, call: () => ['/admin/orders?limit=1'] },
  { operation: 'GET /admin/orders/:orderId', for: 'staff', ok: 200, call: ({ order }) => [`/admin/orders/${order._id}`] },
  { operation: 'POST /admin/orders/:orderId/move', for: 'staff', ok: 200, call: ({ order }) => [`/admin/orders/${order._id}/move`, { to: 'processing' }] },
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
];
