import fc from 'fast-check';
import type { JsonSchema } from '../api/document.ts';
import { Ref, type Value } from './draft.ts';

/** Where a field is: what its name means depends on it. */
export interface Place {
  readonly in: 'path' | 'query' | 'header' | 'body';
  readonly name: string;
  /** Of the call: `/admin/products/{id}`. */
  readonly path: string;
  /** The names beside it. */
  readonly siblings: readonly string[];
}

/** `category` → `categories`; the names of collections are those of paths. */
const pluralOf = (noun: string): string =>
  noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : noun.endsWith('s') ? `${noun}es` : `${noun}s`;

/** The collection that a path is about: its last plain segment that is followed by a parameter or by nothing. */
export function collectionOf(path: string): string {
  const segments = path.split('/').filter((part) => part !== '');
  const parameter = segments.findLastIndex((part) => part.startsWith('{'));
  return (parameter > 0 ? segments[parameter - 1] : segments.at(-1)) ?? '';
}

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const freshPhone = digits(7).map((number) => `+38050${number}`);
const freshEmail = fc.stringMatching(/^[a-z]{3,8}[0-9]{6}$/).map((name) => `${name}@example.com`);
const freshWord = fc.stringMatching(/^[a-z]{2,6}-[a-z0-9]{6}$/);
const known = (collection: string, field: string) => fc.constant(new Ref(collection, field));
const mostly = <T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: rare });
const absentId = fc.stringMatching(/^[0-9a-f]{24}$/);

/**
 * What a schema cannot say: that a text is a phone, that an id is one of a product. By the name of the field, as the
 * documents use it; a name that is not here is generated from its schema alone.
 */
export function meaningOf(
  schema: JsonSchema,
  { in: where, name, path, siblings }: Place,
): fc.Arbitrary<Value> | undefined {
  const has = (sibling: string) => siblings.includes(sibling);
  const asks = where === 'query';
  switch (name) {
    case 'phone':
      if (has('requestId') || has('code')) return mostly(known(madeFor(path), 'phone'), freshPhone);
      return has('clientId') && asks
        ? mostly(known('guests', 'phone'), freshPhone)
        : mostly(freshPhone, known('people', 'phone'));
    case 'phone_number':
      return freshPhone;
    case 'birthday':
      return fc
        .date({ min: new Date('1930-01-01'), max: new Date('2020-01-01'), noInvalidDate: true })
        .map((at) => at.toISOString().slice(0, 10));
    case 'client_id':
      return mostly(known('clients', 'id'), fc.uuid());
    case 'clientId':
      if (sendsASubscriber(path)) return mostly(known(madeFor(path), 'clientId'), fc.integer({ min: 1, max: 1e9 }));
      if (has('requestId')) return mostly(known(madeFor(path), 'clientId'), fc.uuid());
      return asks ? mostly(known('guests', 'clientId'), fc.uuid()) : fc.uuid();
    case 'email':
      return mostly(freshEmail, known('people', 'email'));
    case 'login':
      return mostly(known('people', 'email'), known('people', 'phone'));
    case 'password':
      if (path === '/admin/stations') return fc.stringMatching(/^[a-z0-9]{16,40}$/);
      return has('login') ? mostly(known('people', 'password'), freshWord) : freshWord;
    case 'customerId':
    case 'sessionId':
    case 'deviceId':
    case 'purchaseId':
    case 'callId':
      if (!(endsASession(path) || isAboutACharge(path))) break;
      return mostly(known(madeFor(path), name), absentId);
    // Subscribers know products by their numbers, and write phones as numbers.
    case 'productId':
      if (path !== '/order') break;
      return mostly(known(madeFor(path), 'productId'), fc.integer({ min: 1, max: 1e9 }));
    case 'phoneNumber':
      return fc.integer({ min: 555_000_000, max: 555_999_999 });
    case 'transferId':
      if (path !== '/admin/ledger/refunds') break;
      return mostly(known(madeFor(path), name), absentId);
    case 'adjustmentId':
      return mostly(decides(path) ? known(madeFor(path), name) : known('adjustments', 'id'), absentId);
    // Hardly any number has as few decimals as a currency; and of what was paid little may be left to give back.
    case 'amount':
      if (/\/refunds?$/.test(path)) return fc.integer({ min: 1, max: 3 });
      return has('key') || path.endsWith('/replenish') ? fc.integer({ min: 1, max: 1000 }) : undefined;
    case 'requestId':
      return mostly(known(madeFor(path), 'requestId'), fc.uuid());
    case 'code':
      if (path === '/validate') return mostly(known(madeFor(path), 'code'), fc.integer({ min: 1e5, max: 1e6 - 1 }));
      return has('requestId') || has('id') || has('phone')
        ? mostly(known(madeFor(path), 'code'), freshWord)
        : undefined;
    case 'currentPassword':
    case 'newPassword':
      return freshWord;
    case 'refreshToken':
      return mostly(known('refreshTokens', 'token'), fc.string({ minLength: 1, maxLength: 60 }));
    case 'token':
      if (path.startsWith('/admin/cards')) return mostly(fc.stringMatching(/^[0-9A-F]{14}$/), known('cards', 'token'));
      return mostly(known('resetTokens', 'token'), fc.string({ minLength: 1, maxLength: 60 }));
    case 'sku':
      return has('productId') || asks ? known('products', 'sku') : freshWord;
    case 'price':
      return has('productId') ? known('products', 'price') : undefined;
    // A product has few options, and of some there are few left.
    case 'options':
      return has('productId')
        ? mostly(fc.constant({}), fc.dictionary(freshWord, freshWord, { maxKeys: 2, noNullPrototype: true }))
        : undefined;
    case 'quantity':
      return has('productId') ? mostly(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 4, max: 10_000 })) : undefined;
    case 'slug':
      return freshWord;
    case 'images':
      return fc.array(
        freshWord.map((word) => `https://example.com/${word}.jpg`),
        { maxLength: 3 },
      );
    case 'version':
      return mostly(known(collectionOf(path), 'version'), fc.integer({ min: 1, max: 9 }));
    case 'idOrSlug':
      return mostly(fc.oneof(known(collectionOf(path), 'id'), known(collectionOf(path), 'slug')), absentId);
    case 'category':
      return fc.oneof(known('categories', 'slug'), known('categories', 'id'));
    case 'parentId':
      return fc.oneof(fc.constant(null), known(collectionOf(path), 'id'));
    // Of a discount: its fields have to go together, which two that are drawn apart hardly ever do.
    case 'scope':
      return has('targetId') ? mostly(fc.constant('everything'), fc.constantFrom('category', 'product')) : undefined;
    case 'value':
      return has('scope') ? mostly(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.01, max: 1e11 })) : undefined;
    // A time that a provider is asked about ends after it begins, and within a month.
    case 'from':
    case 'to':
      if (/\/(reconciliation|revenue|utilisation)$/.test(path))
        return fc.constant(`2026-01-0${name === 'from' ? 1 : 2}T00:00:00Z`);
      return has('scope') ? mostly(fc.constant(null), fc.constant('2026-01-01T00:00:00.000Z')) : undefined;
    case 'targetId':
      return mostly(fc.constant(null), fc.oneof(known('products', 'id'), known('categories', 'id')));
    // Whoever waits is answered late when nothing happens.
    case 'wait':
      return fc.constant(0);
    // The demo brings the first list of rates.
    case 'number':
      return path === '/admin/call-rates/{number}' ? mostly(fc.constant(1), fc.nat(100)) : undefined;
    // Some documents say of them only that they are digits.
    case 'page':
      return fc.integer({ min: 1, max: 5 });
    case 'limit':
    case 'atMost':
      return fc.integer({ min: 1, max: 100 });
    case 'bottom-left-longitude':
    case 'upper-right-longitude':
      return fc.integer({ min: -180, max: 180 }).map(String);
    case 'bottom-left-latitude':
      return fc.integer({ min: -90, max: 0 }).map(String);
    case 'upper-right-latitude':
      return fc.integer({ min: 0, max: 90 }).map(String);
    case 'x-idempotency-key':
      return fc.uuid();
    case 'x-verification':
      return mostly(known(madeFor(path), 'verification'), fc.uuid());
    case 'accountId':
      if (!path.startsWith('/admin/service-accounts')) break;
      return mostly(known('service-accounts', 'id'), absentId);
  }
  if (name === 'id' && path === '/me/devices/{id}') return mostly(known(madeFor(path), 'deviceId'), absentId);
  if (name === 'id' && path === '/me/sessions/{id}') return mostly(known(madeFor(path), 'sessionId'), absentId);
  if (name === 'id' && path === '/client/{id}')
    return mostly(known('customers', 'number'), fc.integer({ min: 1, max: 1e9 }));
  if (name === 'id' && path.startsWith('/me/subscriptions')) return mostly(known(madeFor(path), 'id'), absentId);
  if (name === 'invoice_id') return mostly(known(madeFor(path), 'invoiceId'), fc.uuid());
  if (name === 'id' && asks) return mostly(known(madeFor(path), 'id'), digits(6));
  if (name === 'id' && where === 'body' && path === '/admin/app-profiles') return freshWord;
  if (name === 'profileId') return mostly(known('app-profiles', 'id'), freshWord);
  if (name === 'id' && schema.enum === undefined) return mostly(known(collectionOf(path), 'id'), absentId);
  const thing = /^(\w+)Id$/.exec(name)?.[1];
  if (thing === undefined) return undefined;
  const ids = known(pluralOf(thing), 'id');
  if (schema.type === 'array') return fc.array(ids, { maxLength: 3 });
  return mostly(ids, absentId);
}

/** Of one customer's, by an operator. */
const endsASession = (path: string): boolean =>
  /^\/admin\/customers\/.*\/(sessions\/\{sessionId|devices\/\{deviceId)\}$/.test(path);

/** Of a driver with money, at a station on the line. */
const isAboutACharge = (path: string): boolean =>
  /^\/(api\/(devices|purchases)|admin\/(sessions|suspect-calls))\/\{/.test(path);

/** A code, by the number of a client. */
const sendsASubscriber = (path: string): boolean => /^\/(register|resend|restore)$/.test(path);

/** On what another operator proposed. */
const decides = (path: string): boolean => /\/(approve|reject)$/.test(path);

/** What was made for this call alone: codes that are entered there, a device that is ended there. */
export const madeFor = (path: string): string => `made for ${path}`;
