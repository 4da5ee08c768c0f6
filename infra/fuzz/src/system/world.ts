import { randomUUID } from 'node:crypto';
import type { Operation } from '../api/document.ts';
import type { Actor, Facts, Ref } from '../generate/draft.ts';
import { collectionOf, madeFor } from '../generate/meaning.ts';
import type { Connection } from '../wire/connection.ts';
import type { Header, Message } from '../wire/message.ts';
import { type Account, renewAfterMs, signIn, signUp } from './account.ts';
import { type App, anApp, signatureOf } from './app.ts';
import { type Answer, ask } from './ask.ts';
import { Bays } from './bays.ts';
import { Colleague } from './colleague.ts';
import { makers } from './makers.ts';
import { aDriver, aNewcomer } from './newcomers.ts';
import { credentialsIn, type Reply, thingsIn } from './replies.ts';
import { aPackage, aSubscription } from './subscriptions.ts';
import type { Target } from './target.ts';
import { type Fact, Things } from './things.ts';

type Surroundings = Pick<Target, 'gateway' | 'operator'>;

/** What only `other` may read: it is in the comment of an order of theirs. */
const secret = `canary-${randomUUID()}`;

/** Calls that only an owner may make who has just shown to be one; some of them nobody makes twice. */
const ownersCalls = new Set(['DELETE /me', 'POST /me/password', 'POST /me/email', 'POST /me/phone']);
const lastCalls = new Set(['DELETE /me', 'POST /me/password']);

/** Of what one operator proposed, by another one; by nobody twice. */
const decisions = ['approve', 'reject'].map((word) => `/admin/ledger/adjustments/{adjustmentId}/${word}`);

/** What exists in the system, and who is signed in: learnt from replies, as any client learns it. */
export class World implements Facts {
  readonly #connection: Connection;
  readonly #operator: { readonly email: string; readonly password: string };
  readonly #operations: readonly Operation[];
  readonly #things = new Things();
  readonly #accounts = new Map<Actor, Account>();
  readonly #bays: Bays;
  /** Sessions to be ended. */
  readonly #spare: string[] = [];
  /** Access tokens, by the call that they are for. */
  readonly #newcomers = new Map<string, string[]>();
  #app: App | undefined;
  /** Of a drivers' app: the only one that can ask for the next. */
  #driver: string | undefined;
  readonly #colleague: Colleague;
  #doubted = false;

  constructor(connection: Connection, { gateway, operator }: Surroundings, operations: readonly Operation[]) {
    this.#connection = connection;
    this.#operations = operations;
    this.#operator = operator;
    const operate = (method: string, target: string, body?: unknown) => this.#as('operator', method, target, body);
    this.#colleague = new Colleague(connection, operate);
    const endow = (customerId: string, amount: number) => this.#colleague.endow(customerId, amount);
    this.#bays = new Bays({ connection, origin: gateway, operate, endow });
  }

  close(): void {
    this.#bays.close();
  }

  /** Accounts for everybody, an order of each customer, links to reset passwords, and all that lists show. */
  async found(): Promise<void> {
    this.#accounts.set('operator', await signIn(this.#connection, this.#operator.email, this.#operator.password));
    await this.#replaceCustomers();
    for (let count = 0; count < 3; count += 1) await this.#addPerson();
    await this.tend();
  }

  look(ref: Ref): Fact | undefined {
    return this.#things.look(ref);
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
    const token = this.#things.all(madeFor(path))[0]?.token;
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
      this.#things.forget(collection, message.target);
      this.#things.drop(madeFor(operation.path));
      return;
    }
    for (const thing of thingsIn(body)) this.#add(collection, thing);
    this.#learnClient(operation, body);
    if (body !== null && typeof body === 'object') this.#learnSession(message, body as Reply);
    if (operation.path.endsWith('/reset-password')) this.#things.drop('resetTokens');
    this.#things.drop(madeFor(operation.path));
  }

  /** What was removed by a call whose answer got lost is not asked for again and again. */
  miss({ path }: Operation, { target }: Message): void {
    this.#things.forget(collectionOf(path), target);
  }

  /** Keeps the shop open and everybody signed in, whatever has been done to them. */
  async tend(): Promise<void> {
    this.#doubted = false;
    for (const actor of ['operator', 'customer', 'other'] as const) await this.#keepSignedIn(actor);
    if (this.#things.all('resetTokens').length === 0) await this.#addResetToken();
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
      const inactive = this.#things.all(collection).filter(({ active }) => active === 'false');
      for (const { id } of inactive.slice(-20)) {
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
    this.#things.push('people', { email, phone: phone ?? null, password });
    this.#things.push('refreshTokens', { token: refreshToken });
    this.#spare.push(accessToken);
  }

  /** What broken requests have guessed at has no tries left: codes are always new ones. */
  async #addNewcomers(): Promise<void> {
    for (const [path, make] of makers) this.#things.push(madeFor(path), { ...(await make(this.#connection)) }, 2);
    this.#app ??= await anApp(this.#connection);
    this.#driver ??= await aDriver(this.#connection);
    await this.#addProposals();
    await this.#addSubscription();
    for (const [path, thing] of await this.#bays.tend((path) => this.#things.all(madeFor(path)).length === 0))
      this.#things.push(madeFor(path), thing, 1);
    for (const name of ownersCalls) {
      this.#newcomers.set(name, [await aNewcomer(this.#connection), ...(this.#newcomers.get(name) ?? []).slice(0, 3)]);
    }
  }

  async #addProposals(): Promise<void> {
    if (this.#things.all('transfers').length === 0) await this.#addTransfer();
    for (const path of decisions) {
      const adjustmentId = await this.#colleague.propose();
      if (adjustmentId !== undefined) this.#things.push(madeFor(path), { adjustmentId }, 2);
    }
  }

  /** A first bonus, so that there are accounts, transfers and an invoice to look at. */
  async #addTransfer(): Promise<void> {
    const { id } = await this.#colleague.account();
    const transferId = await this.#colleague.endow(id, 5);
    if (transferId !== undefined) this.#things.push('transfers', { id: transferId });
    await this.#as('customer', 'POST', '/api/customer/replenish', { amount: 5 });
  }

  async #addSubscription(): Promise<void> {
    const operate = (method: string, target: string, sent: unknown) => this.#as('operator', method, target, sent);
    this.#things.push(madeFor('/order'), { productId: (await aPackage(operate)).number }, 2);
    const cancelling = madeFor('/me/subscriptions/{id}/cancel');
    if (this.#things.all(cancelling).length > 0) return;
    this.#things.push(cancelling, { ...(await aSubscription(this.#connection, operate)) }, 2);
  }

  async #addResetToken(): Promise<void> {
    const { email } = await signUp(this.#connection);
    await this.#as('nobody', 'POST', '/auth/forgot-password', { email });
    for (let tries = 0; tries < 40; tries += 1) {
      const { body } = await this.#as('nobody', 'GET', `/dev/messages?to=${encodeURIComponent(email)}`);
      const token = /reset-password\?token=([\w.-]+)/.exec(JSON.stringify(body))?.[1];
      if (token !== undefined) return this.#things.push('resetTokens', { token });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Those that were made here, so that nobody loses a password who is to sign in with it. */
  #learnClient({ method, path }: Operation, body: unknown): void {
    const { client_id: id } = (body ?? {}) as { client_id?: unknown };
    if (method === 'POST' && path === '/api/v1/clients' && typeof id === 'string') this.#things.push('clients', { id });
  }

  #learnSession(
    { body: sent }: Message,
    { tokens, accessToken, refreshToken = tokens?.refreshToken, phone, clientId, customerId }: Reply,
  ): void {
    if (refreshToken !== undefined) {
      this.#things.push('refreshTokens', { token: refreshToken }, 6);
      const token = tokens?.accessToken ?? accessToken;
      if (token !== undefined && this.#spare.length < 50) this.#spare.push(token);
    }
    if (phone !== undefined && clientId !== undefined && customerId === undefined)
      this.#things.push('guests', { phone, clientId });
    if (tokens === undefined) return;
    const { phone: ownPhone, email, password } = credentialsIn(sent);
    if (ownPhone && email && password) this.#things.push('people', { phone: ownPhone, email, password }, 30);
  }

  #add(collection: string, thing: Readonly<Record<string, unknown>>): void {
    const id = String(thing.id ?? thing._id);
    // Operators, and those who play a part here, are left in peace.
    if (Array.isArray(thing.roles) && thing.roles.includes('operator')) return;
    // Once it is blocked no app is let in.
    if (collection === 'app-profiles' && id === 'demo') return;
    if ([...this.#accounts.values()].some((account) => account.id === id) || this.#bays.isOurs(id)) return;
    this.#things.learn(collection, id, thing);
  }

  #as(actor: Actor, method: string, target: string, body?: unknown): Promise<Answer> {
    const authorization = this.authorization(actor);
    return ask(this.#connection, method, target, { body, ...(authorization && { authorization }) });
  }
}
