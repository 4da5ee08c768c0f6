import { toE164, toMajorUnits } from '@forecourt/dialects';
import { principalOf, type Routes } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { confirmRegistration, resubmitRegistration, submitRegistration } from '../app-registration/service.ts';
import type { Deps } from '../deps.ts';
import { keepPushToken } from '../device/service.ts';
import { balanceOf } from '../wallet/service.ts';
import { ConfirmQuery, PushTokenBody, ResubmitQuery, submitBodyBy, toProfile } from './mobile/bodies.ts';
import { CountriesBody, type CountryList, createCountryLists } from './mobile/countries.ts';
import { numericCodeOf } from './mobile/currency.ts';
import { profileOf, readHeaders, requireSignature } from './mobile/headers.ts';

const NothingBody = z.strictObject({});
const TemporaryIdBody = z.strictObject({ id: z.int() });
const RegisteredBody = z
  .strictObject({
    id: z.int().meta({ description: "The customer's number, for good." }),
    key: z.string().meta({ description: 'What this device signs with: 32 bytes in base64. Shown once.' }),
  })
  .meta({ id: 'RegisteredDevice' });
const AccountBody = z.strictObject({
  balance: z.number(),
  currency: z.int().meta({ description: 'ISO 4217, the numeric code.' }),
});

const base = '/api/client/mobile/1.0';

/** Native apps: they sign up by a code and sign their requests afterwards, which the gateway exchanges for a token. */
export const mobileApi =
  (deps: Deps): Routes =>
  async (app) => {
    readHeaders(app, deps);
    app.addHook('onRequest', keepNothing);
    app.addHook('preValidation', readNothingAsNoParameters);
    const onRequest = [requireSignature, app.requirePrincipal];
    const [registration, device] = [['Registration'], ['Device']];

    app.post(`${base}/registration/submit`, {
      schema: {
        operationId: 'submitRegistration',
        summary: 'Send a code to a phone, whoever has it',
        description: '`id` is temporary: `confirm` gives the one for good. Unknown fields are refused with -10004.',
        tags: registration,
        body: submitBodyBy(deps.clock),
        response: { 200: TemporaryIdBody },
      },
      handler: async (request) => {
        const { phone, confirmationType: channel, info, referralCode } = request.body;
        const profile = profileOf(request);
        const id = await submitRegistration(deps, {
          app: profile,
          phone: toE164(phone, profile.region),
          channel,
          profile: info ? toProfile(info) : {},
          referralCode: referralCode || null,
          language: request.language,
          address: request.ip,
        });
        return { id };
      },
    });

    app.get(`${base}/registration/resubmit`, {
      // Whoever only looks whether a link is alive must not have anything sent.
      exposeHeadRoute: false,
      schema: {
        operationId: 'resubmitRegistration',
        summary: 'Send another code; the one before is worth nothing any more',
        tags: registration,
        querystring: ResubmitQuery,
        response: { 200: NothingBody },
      },
      handler: async ({ query: { id, confirmationType: channel }, ip: address }) => {
        await resubmitRegistration(deps, id, { channel, address });
        return {};
      },
    });

    app.get(`${base}/registration/confirm`, {
      exposeHeadRoute: false,
      schema: {
        operationId: 'confirmRegistration',
        summary: 'Enter the code: the id of the customer, and a key for this device',
        description: 'A phone that has a customer gives that customer; another one gets an account.',
        tags: registration,
        querystring: ConfirmQuery,
        response: { 200: RegisteredBody },
      },
      handler: async (request) => {
        const { id: shortId, code } = request.query;
        const confirmation = { app: profileOf(request), shortId, code, visit: visitOf(request) };
        const { customerNumber, key } = await confirmRegistration(deps, confirmation);
        return { id: Number(customerNumber), key };
      },
    });

    app.post(`${base}/registration/fcm`, {
      onRequest,
      schema: {
        operationId: 'keepPushToken',
        summary: 'Where to send messages to this device',
        description: 'Of the device that signs. A bearer token of a login is of no device: -10007.',
        tags: device,
        body: PushTokenBody,
        response: { 200: NothingBody },
      },
      handler: async (request) => {
        await keepPushToken(deps, principalOf(request).sessionId, request.body.token);
        return {};
      },
    });

    const currency = numericCodeOf(deps.currency);
    app.get(`${base}/account`, {
      onRequest,
      schema: {
        operationId: 'getAccount',
        summary: 'What may be spent of the wallet',
        description: 'Without what is held for something that goes on.',
        tags: device,
        response: { 200: AccountBody },
      },
      handler: async (request) => {
        const available = await balanceOf(deps, principalOf(request).customerId);
        return { balance: toMajorUnits(available, deps.currency), currency };
      },
    });

    app.get(`${base}/time`, {
      schema: {
        operationId: 'getTime',
        summary: 'What time it is here, for clients whose clock is wrong',
        tags: device,
        response: { 200: z.iso.datetime({ offset: true }) },
      },
      // In the form of the document's own example: not every client's parser takes fractions of a second, or a Z.
      handler: (_request, reply) => sendJson(reply, JSON.stringify(`${deps.clock().toISOString().slice(0, 19)}+00:00`)),
    });

    const countries = createCountryLists();
    app.get(`${base}/countries`, {
      schema: {
        operationId: 'listCountries',
        summary: 'Countries by name, with their phone codes',
        tags: device,
        response: { 200: CountriesBody },
      },
      handler: (request, reply) => sendKept(request, reply, countries[request.language]),
    });
  };

/** What is about one person, or what time it is, is nobody's to keep. */
const keepNothing = async (_request: FastifyRequest, reply: FastifyReply) => {
  reply.header('cache-control', 'no-store');
};

/** Who sends no body at all has left the parameters out, and hears which. */
const readNothingAsNoParameters = async (request: FastifyRequest) => {
  if (request.method === 'POST') request.body ??= {};
};

/** What is written already. A handler gives back the reply that it has sent itself, which its type cannot say. */
const sendJson = (reply: FastifyReply, json: string) =>
  reply.header('content-type', 'application/json; charset=utf-8').send(json) as never;

/** What changes with a release may be kept for a day. */
function sendKept({ headers }: FastifyRequest, reply: FastifyReply, { body, etag }: CountryList) {
  reply.header('etag', etag).header('cache-control', 'public, max-age=86400');
  return headers['if-none-match'] === etag ? (reply.code(304).send() as never) : sendJson(reply, body);
}

const longestUserAgent = 256;

const visitOf = ({ ip, headers }: FastifyRequest) => ({
  clientId: null,
  address: ip,
  userAgent: headers['user-agent']?.slice(0, longestUserAgent) ?? null,
});
