import { z } from 'zod';
import { defineEvent, defineRequest } from './define.ts';
import { Instant, Language, ObjectId, Phone, Version } from './values.ts';

const customer = {
  customerId: ObjectId,
  version: Version,
  /** null: an operator's account, made without one. */
  phone: Phone.nullable(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  language: Language,
};

export const customerRegistered = defineEvent('identity.customer.registered.v1', {
  summary: 'Somebody has an account now. `clientId` is the browser that they registered from, if they did from one.',
  aggregate: 'customerId',
  data: z.object({ ...customer, clientId: z.string().nullable(), registeredAt: Instant }),
});

export const customerChanged = defineEvent('identity.customer.changed.v1', {
  summary: 'The facts about a customer, whole, after a change.',
  aggregate: 'customerId',
  data: z.object({ ...customer, roles: z.array(z.string()), blocked: z.boolean(), changedAt: Instant }),
});

export const sessionRevoked = defineEvent('identity.session.revoked.v1', {
  summary: 'Tokens of this session are worth nothing from now on, in every service, within a second.',
  aggregate: 'sessionId',
  data: z.object({
    sessionId: ObjectId,
    version: Version,
    customerId: ObjectId,
    reason: z.enum([
      'logout',
      'password_reset',
      'password_changed',
      'refresh_reused',
      'blocked',
      // Tokens say the roles of their holder.
      'role_withdrawn',
      'ended_by_customer',
      'ended_by_operator',
      'phone_proved',
      // A customer may have so many devices; this one had not been used for longest.
      'displaced',
      'erased',
      // A key of a service account; the session's id is the key's.
      'key_revoked',
    ]),
    revokedAt: Instant,
  }),
});

export const phoneVerified = defineEvent('identity.customer.phone-verified.v1', {
  summary: 'Somebody proved by a code that this phone is theirs.',
  aggregate: 'customerId',
  data: z.object({ customerId: ObjectId, version: Version, phone: Phone, verifiedAt: Instant }),
});

export const customerErased = defineEvent('identity.customer.erased.v1', {
  summary: 'The person is gone: whoever keeps facts about them keeps only what the law wants, without the person.',
  aggregate: 'customerId',
  data: z.object({ customerId: ObjectId, version: Version, erasedAt: Instant }),
});

export const codeAccepted = defineEvent('identity.code.accepted.v1', {
  summary: 'Somebody entered the right code. `owner` and `reference` name what another service wanted confirmed.',
  aggregate: 'codeRequestId',
  data: z.object({
    codeRequestId: z.uuid(),
    version: Version,
    owner: z.string(),
    reference: z.string(),
    customerId: ObjectId.nullable(),
    /** The phone or e-mail address that the code went to. */
    recipient: z.string(),
    acceptedAt: Instant,
  }),
});

const CodeIssued = z.object({
  codeRequestId: z.uuid(),
  expiresAt: Instant,
  /** Not before this may the next code be asked for. */
  resendAt: Instant,
});

export const issueCode = defineRequest('identity.code.issue', {
  summary:
    'Sends a one-time code that confirms something of yours. The same `owner` and `reference` again sends another.',
  request: z.object({
    /** The service that asks, and its own name for what is to be confirmed. */
    owner: z.enum(['catalog', 'orders', 'charging', 'payments']),
    reference: z.string().min(1).max(128),
    phone: Phone,
    channel: z.enum(['sms', 'voice']),
    language: Language,
    customerId: ObjectId.nullable(),
    digits: z.int().min(4).max(8),
    /** The caller's network address, for the limits. */
    address: z.string(),
    /** It may be entered without a word of which request it answers: unique among those that were asked for from there. */
    foundAlone: z.boolean().default(false),
    /** When what is to be confirmed lapses: no code of it is accepted from then on. */
    lapsesAt: Instant.optional(),
  }),
  reply: CodeIssued,
});

export const exchangeCredential = defineRequest('identity.credential.exchange', {
  summary: 'A request signed with a device key, for an access token of a minute.',
  request: z.object({
    method: z.string(),
    /** The public path, without the query. */
    path: z.string(),
    /** `X-Hive-Date`, or else `Date`, as it was sent. */
    date: z.string().nullable(),
    /** The `Authentication` header as it was sent. */
    authentication: z.string(),
    /** `Hive-Profile`; null when it was not sent. */
    profile: z.string().nullable(),
  }),
  reply: z.object({ accessToken: z.string(), expiresAt: Instant }),
});

/** Opaque tokens: whose they are, and 256 random bits, which say nothing. */
export const tokenForms = {
  /** Of a drivers' app. */
  app: /^drv_[A-Za-z0-9_-]{43}$/,
  /** Of a login on the subscribers' site. */
  site: /^sub_[A-Za-z0-9_-]{43}$/,
  /** Of a service account. */
  key: /^key_[A-Za-z0-9_-]{43}$/,
} as const;

/** The cookie that a site's token may also come in. */
export const sessionCookie = 'session';

export const exchangeToken = defineRequest('identity.token.exchange', {
  summary:
    'An opaque token of an app, of a login on a site or of a service account, for an access token of a minute. Refuses `unauthenticated`.',
  request: z.object({
    /** As it stood in `Authorization: Bearer …`, or in the cookie. */
    token: z.string().regex(/^(?:drv|sub|key)_[A-Za-z0-9_-]{43}$/),
  }),
  reply: z.object({ accessToken: z.string(), expiresAt: Instant }),
});

export const resolveCustomer = defineRequest('identity.customer.resolve', {
  summary: 'Whose a partner’s client id is; null: nobody’s, or of somebody who was erased.',
  request: z.object({ clientId: z.uuid() }),
  reply: z.object({ customerId: ObjectId.nullable() }),
});

export const findCustomer = defineRequest('identity.customer.find', {
  summary: 'A customer by their number or id; null: nobody, or somebody who was erased.',
  request: z.union([z.object({ number: z.int().positive() }), z.object({ customerId: ObjectId })]),
  reply: z.object({
    customer: z
      .object({
        customerId: ObjectId,
        number: z.int().positive(),
        phone: Phone.nullable(),
        name: z.string().nullable(),
        language: Language,
        blocked: z.boolean(),
      })
      .nullable(),
  }),
});

export const enrolCustomer = defineRequest('identity.customer.enrol', {
  summary:
    'The customer who has this phone, or a new one whose phone nothing proves yet. An account that is there is not changed by what a stranger says of it.',
  request: z.object({
    phone: Phone,
    firstName: z.string().min(1).max(100),
    lastName: z.string().min(1).max(100),
    /** Of the person's papers. */
    personalNumber: z.string().regex(/^\d{11}$/),
    language: Language,
    /** The caller's network address, for the limits. */
    address: z.string(),
  }),
  reply: z.object({ customerId: ObjectId, number: z.int().positive(), made: z.boolean() }),
});
