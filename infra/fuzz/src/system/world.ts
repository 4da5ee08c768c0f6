import { randomUUID } from 'node:crypto';
import type { Operation } from '../api/document.ts';
import type { Actor, Facts, Ref } from '../generate/draft.ts';
import { collectionOf, madeFor } from '../generate/meaning.ts';
import type { Connection } from '../wire/connection.ts';
import type { Header, Message } from '../wire/message.ts';
import { type Account, signIn, signUp } from './account.ts';
import { type App, aDevice, anApp, anAppCode, signatureOf } from './app.ts';
import { type Answer, ask } from './ask.ts';
import { aContactCode, aDriver, aDriversCode, aLoginCode, aNewcomer, anInvoice } from './newcomers.ts';

type Fact = string | number | null;
type Thing = Readonly<Record<string, Fact>>;

const roomPerCollection = 400;
/** A token lives fifteen minutes. */
const renewAfterMs = 8 * 60_000;
/** What only `other` may read: it is in the comment of an order of theirs. */
const secret = `canary-${randomUUID()}`;

/** Calls that only an owner may make who has just shown to be one; some of them nobody makes twice. */
const ownersCalls = new Set(['DELETE /me', 'POST /me/password', 'POST /me/email', 'POST /me/phone']);
const lastCalls = new Set(['DELETE /me', 'POST /me/password']);

/** An operator ends what is somebody else's. */
const anOthersDevice = async (connection: Connection): Promise<Thing> => ({
  ...(await aDevice(connection)),
  token: null,
});

/** What one call alone can use, and how it is made. */
const makers: readonly (readonly [path: string, make: (connection: Connection) => Promise<object>])[] = [
  ['/auth/verify-code', aLoginCode],
  ['/api/user/otp-check', aDriversCode],
  ['/me/phone/confirm', (connection) => aContactCode(connection, 'phone')],
  ['/me/email/confirm', (connection) => aContactCode(connection, 'email')],
  ['/api/client/mobile/1.0/registration/confirm', anAppCode],
  ['/api/client/mobile/1.0/registration/resubmit', anAppCode],
  ['/api/customer/replenishment/{invoice_id}', anInvoice],
  ['/me/devices/{id}', aDevice],
  ['/me/sessions/{id}', aDevice],
  ['/admin/customers/{customerId}/sessions/{sessionId}', anOthersDevice],
  ['/admin/customers/{customerId}/devices/{deviceId}', anOthersDevice],
];

/** Of what one operator proposed, by another one; by nobody twice. */
const decisions = ['approve', 'reject'].map((word) => `/admin/ledger/adjustments/{adjustmentId}/${word}`);

/** What exists in the system, and who is signed in: learnt from replies, as any client learns it. */
export class World implements Facts {
  readonly #connection: Connection;
  readonly #operator: { readonly email: string; readonly password: string };
  readonly #operations: readonly Operation[];
  readonly #things = new Map<string, Thing[]>();
  readonly #accounts = new Map<Actor, Account>();
  /** Sessions to be ended. */
  readonly #spare: string[] = [];
  /** Access tokens, by the call that they are for. */
  readonly #newcomers = new Map<string, string[]>();
  #app: App | undefined;
  /** Of a drivers' app: the only one that can ask for the next. */
  #driver: string | undefined;
  /** Another operator. */
  #colleague: Account | undefined;
  #doubted = false;

  constructor(
    connection: Connection,
    operator: { readonly email: string; readonly password: string },
    operations: readonly Operation[],
  ) {
    this.#connection = connection;
    this.#operations = operations;
    this.#operator = operator;
  }

  /** Accounts for everybody, an order of each customer, links to reset passwords, and all that lists show. */
  async found(): Promise<void> {
    this.#accounts.set('operator', await signIn(this.#connection, this.#operator.email, this.#operator.password));
    await this.#replaceCustomers();
    for (let count = 0; count < 3; count += 1) await this.#addPerson();
    await this.tend();
  }

  look({ collection, field, at = 0 }: Ref): Fact | undefined {
    const things = (this.#things.get(collection) ?? []).filter((thing) => thing[field] !== undefined);
    return things[at % things.length]?.[field];
  }

  authorization(actor: Actor, operation?: Operation): string | undefined {
    if (actor === 'nobody') return undefined;
    // A session that is ended is worth nothing to those who come after.
    const token = operation && this.#tokenFor(operation);
    return `Bearer ${token ?? this.#accounts.get(actor)?.accessToken}`;
  }

  #tokenFor({ name, path }: Operation): string | undefined {
    if (path.endsWith('/logout')) return this.#spare.pop();
    if (path === '/api/user/me') return this.#driver;
    if (lastCalls.has(name)) return this.#newcomers.get(name)?.pop();
    if (ownersCalls.has(name)) return this.#newcomers.get(name)?.at(-1);
    const token = this.#things.get(madeFor(path))?.[0]?.token;
    return typeof token === 'string' ? token : undefined;
  }

  /** What only the device that signs may do. */
  signature({ method, path }: Operation): readonly Header[] | undefined {
    return this.#app && path.endsWith('/registration/fcm') ? signatureOf(this.#app, method, path) : undefined;
  }

  /** Whether a body holds what is nobody's business but `other`'s. */
  tellsOfOther(body: Buffer): boolean {
    const phone = this.#accounts.get('other')?.phone;
    return body.includes(secret) || (phone !== undefined && body.includes(phone));
  }

  /** Some token was refused that should not have been: look at it when there is time. */
  doubt(): void {
    this.#doubted = true;
  }

  learn(operation: Operation, message: Message, body: unknown): void {
    const collection = collectionOf(operation.path);
    if (operation.method === 'DELETE') {
      this.#forget(collection, message.target);
      this.#things.get(madeFor(operation.path))?.shift();
      return;
    }
    for (const thing of thingsIn(body)) this.#add(collection, thing);
    this.#learnClient(operation, body);
    if (body !== null && typeof body === 'object') this.#learnSession(message, body as Reply);
    if (operation.path.endsWith('/reset-password')) this.#things.get('resetTokens')?.shift();
    this.#things.get(madeFor(operation.path))?.shift();
  }

  /** Keeps the shop open and everybody signed in, whatever has been done to them. */
  async tend(): Promise<void> {
    this.#doubted = false;
    for (const actor of ['operator', 'customer', 'other'] as const) await this.#keepSignedIn(actor);
    if (this.#fresh('resetTokens') === 0) await this.#addResetToken();
    if (this.#spare.length < 5) await this.#addPerson();
    await this.#addNewcomers();
    for (const operation of this.#operations.filter(
      ({ method, parameters }) => method === 'GET' && parameters.every((one) => !one.required),
    )) {
      if (operation.path.startsWith('/me')) continue;
      const target = operation.parameters.some(({ name }) => name === 'limit')
        ? `${operation.path}?limit=100`
        : operation.path;
      const answer = await this.#as('operator', 'GET', target);
      if (answer.status === 200)
        for (const thing of thingsIn(answer.body)) this.#add(collectionOf(operation.path), thing);
    }
    await this.#reopen();
  }

  get needsTending(): boolean {
    return this.#doubted;
  }

  /** Products, and what they belong to, are made active again. */
  async #reopen(): Promise<void> {
    for (const collection of ['categories', 'products']) {
      for (const { id } of (this.#things.get(collection) ?? []).filter(({ active }) => active === 'false').slice(-20)) {
        await this.#as('operator', 'PATCH', `/admin/${collection}/${id}`, { active: true });
      }
    }
  }

  async #keepSignedIn(actor: Actor): Promise<void> {
    const account = this.#accounts.get(actor);
    const old = !account || performance.now() - account.since > renewAfterMs;
    if (!old && (await this.#as(actor, 'GET', '/me')).status === 200) return;
    if (actor !== 'operator') return await this.#replaceCustomers();
    this.#accounts.set(actor, await signIn(this.#connection, this.#operator.email, this.#operator.password));
  }

  async #replaceCustomers(): Promise<void> {
    for (const actor of ['customer', 'other'] as const) {
      this.#accounts.set(actor, await signUp(this.#connection));
      await this.#placeOrder(actor, actor === 'other' ? secret : 'mine');
    }
  }

  async #placeOrder(actor: Actor, comment: string): Promise<void> {
    const products = await this.#as('nobody', 'GET', '/products?limit=5');
    const { phone, clientId } = this.#accounts.get(actor) as Account;
    for (const { id: productId, sku, price } of thingsIn(products.body)) {
      const items = [{ productId, sku, price, quantity: 1 }];
      if ((await this.#as(actor, 'POST', '/orders', { phone, clientId, items, comment })).status === 201) return;
    }
  }

  async #addPerson(): Promise<void> {
    const { email, phone, password, accessToken, refreshToken } = await signUp(this.#connection);
    this.#push('people', { email, phone: phone ?? null, password });
    this.#push('refreshTokens', { token: refreshToken });
    this.#spare.push(accessToken);
  }

  /** What broken requests have guessed at has no tries left: codes are always new ones. */
  async #addNewcomers(): Promise<void> {
    for (const [path, make] of makers) this.#push(madeFor(path), { ...(await make(this.#connection)) }, 2);
    this.#app ??= await anApp(this.#connection);
    this.#driver ??= await aDriver(this.#connection);
    await this.#addProposals();
    for (const name of ownersCalls) {
      this.#newcomers.set(name, [await aNewcomer(this.#connection), ...(this.#newcomers.get(name) ?? []).slice(0, 3)]);
    }
  }

  async #addProposals(): Promise<void> {
    if (!this.#colleague || performance.now() - this.#colleague.since > renewAfterMs) await this.#hireColleague();
    for (const path of decisions) {
      const adjustmentId = await this.#propose();
      if (adjustmentId !== undefined) this.#push(madeFor(path), { adjustmentId }, 2);
    }
  }

  /** Who comes with a first bonus, so that there are accounts, transfers and an invoice to look at. */
  async #hireColleague(): Promise<void> {
    const { id, email, password } = await signUp(this.#connection);
    await this.#as('operator', 'PUT', `/admin/customers/${id}/roles/operator`);
    this.#colleague = await signIn(this.#connection, email, password);
    const path = `/admin/ledger/adjustments/${await this.#propose()}/approve`;
    const { body } = await this.#as('operator', 'POST', path);
    const { transferId } = (body ?? {}) as { transferId?: string };
    if (transferId !== undefined) this.#push('transfers', { id: transferId });
    await this.#as('customer', 'POST', '/api/customer/replenish', { amount: 5 });
  }

  /** undefined: somebody has been at the colleague; another one is hired. */
  async #propose(): Promise<string | undefined> {
    const { id, accessToken } = this.#colleague as Account;
    const { status, body } = await ask(this.#connection, 'POST', '/admin/ledger/adjustments', {
      body: { key: randomUUID(), accountId: `wallet:${id}:UAH`, amount: 5, reason: 'A bonus' },
      authorization: `Bearer ${accessToken}`,
    });
    if (status === 201) return (body as { id: string }).id;
    this.#colleague = undefined;
    return undefined;
  }

  async #addResetToken(): Promise<void> {
    const { email } = await signUp(this.#connection);
    await this.#as('nobody', 'POST', '/auth/forgot-password', { email });
    for (let tries = 0; tries < 40; tries += 1) {
      const { body } = await this.#as('nobody', 'GET', `/dev/messages?to=${encodeURIComponent(email)}`);
      const token = /reset-password\?token=([\w.-]+)/.exec(JSON.stringify(body))?.[1];
      if (token !== undefined) return this.#push('resetTokens', { token });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #fresh(collection: string): number {
    return this.#things.get(collection)?.length ?? 0;
  }

  /** Those that were made here, so that nobody loses a password who is to sign in with it. */
  #learnClient({ method, path }: Operation, body: unknown): void {
    const { client_id: id } = (body ?? {}) as { client_id?: unknown };
    if (method === 'POST' && path === '/api/v1/clients' && typeof id === 'string') this.#push('clients', { id });
  }

  #learnSession(
    { body: sent }: Message,
    { tokens, accessToken, refreshToken = tokens?.refreshToken, phone, clientId, customerId }: Reply,
  ): void {
    if (refreshToken !== undefined) {
      this.#push('refreshTokens', { token: refreshToken }, 6);
      const token = tokens?.accessToken ?? accessToken;
      if (token !== undefined && this.#spare.length < 50) this.#spare.push(token);
    }
    if (phone !== undefined && clientId !== undefined && customerId === undefined)
      this.#push('guests', { phone, clientId });
    if (tokens === undefined) return;
    const { phone: ownPhone, email, password } = credentialsIn(sent);
    if (ownPhone && email && password) this.#push('people', { phone: ownPhone, email, password }, 30);
  }

  #add(collection: string, thing: Readonly<Record<string, unknown>>): void {
    const id = String(thing.id ?? thing._id);
    // Operators, and those who play a part here, are left in peace.
    if (Array.isArray(thing.roles) && thing.roles.includes('operator')) return;
    // Once it is blocked no app is let in.
    if (collection === 'app-profiles' && id === 'demo') return;
    if ([...this.#accounts.values()].some((account) => account.id === id)) return;
    const facts = Object.fromEntries(
      Object.entries(thing).flatMap(([name, value]) =>
        typeof value === 'string' || typeof value === 'number'
          ? [[name, value]]
          : typeof value === 'boolean'
            ? [[name, String(value)]]
            : [],
      ),
    );
    const known = this.#things.get(collection) ?? [];
    const at = known.findIndex((one) => one.id === id);
    if (at >= 0) known[at] = { ...known[at], ...facts, id };
    else this.#push(collection, { ...facts, id });
  }

  #push(collection: string, thing: Thing, room = roomPerCollection): void {
    const things = [thing, ...(this.#things.get(collection) ?? [])];
    this.#things.set(collection, things.slice(0, room));
  }

  #forget(collection: string, target: string): void {
    const things = this.#things.get(collection);
    if (things)
      this.#things.set(
        collection,
        things.filter(({ id }) => !target.includes(String(id))),
      );
  }

  #as(actor: Actor, method: string, target: string, body?: unknown): Promise<Answer> {
    const authorization = this.authorization(actor);
    return ask(this.#connection, method, target, { body, ...(authorization && { authorization }) });
  }
}

interface Reply {
  tokens?: { accessToken: string; refreshToken: string };
  accessToken?: string;
  refreshToken?: string;
  phone?: string;
  clientId?: string;
  customerId?: string;
}

function thingsIn(body: unknown): Record<string, unknown>[] {
  if (body === null || typeof body !== 'object') return [];
  const { items } = body as { items?: unknown };
  const candidates = Array.isArray(body) ? body : Array.isArray(items) ? items : [body];
  return candidates.filter((one) => typeof one?.id === 'string' || typeof one?._id === 'string');
}

/** Of a registration; what was framed or coded in some odd way is not read. */
function credentialsIn(sent: Buffer): { phone?: string; email?: string; password?: string } {
  try {
    return JSON.parse(sent.toString());
  } catch {
    return {};
  }
}
