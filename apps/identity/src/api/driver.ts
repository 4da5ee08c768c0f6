import { driver, toE164, toMajorUnits } from '@forecourt/dialects';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import { type RunningDevice, runningDeviceOf } from '../charge/running.ts';
import { type Customer, displayName } from '../customer/customer.ts';
import type { Deps } from '../deps.ts';
import { type DriverSignIn, renewDriver, requestDriverCode, signInDriver } from '../driver-sign-in/service.ts';
import { editProfile } from '../profile/service.ts';
import { balanceOf } from '../wallet/service.ts';

const Phone = text({ min: 1, max: 32 });
const OtpRequestBody = z.strictObject({ phone: Phone });
const OtpCheckBody = z.strictObject({ phone: Phone, code: text({ min: 1, max: 16 }) });
/** Apps send what they were told, and they are told '' of what is unknown. */
const UpdateInfoBody = z.strictObject({
  name: text({ max: 120 }).optional(),
  email: text({ max: 254 })
    .toLowerCase()
    .pipe(z.union([z.literal(''), z.email()]))
    .optional(),
});

const ProfileBody = z
  .strictObject({
    name: z.string(),
    email: z.string(),
    phone: z.string().meta({ description: 'In international format, with spaces.' }),
    balance: z.number().meta({ description: 'What may be spent, in major units.' }),
  })
  .meta({ id: 'DriverProfile' });
const SignedInBody = z
  .strictObject({
    token: z.string().meta({ description: 'For `Authorization: Bearer`; 30 days.' }),
    profile: ProfileBody,
    nats: z
      .strictObject({ servers: z.string(), topic: z.string(), user: z.string(), pass: z.string() })
      .meta({ description: 'To listen with at the broker, until `token` ends: to `topic` and what is below it.' }),
  })
  .meta({ id: 'SignedInDriver' });
const DeviceBody = z
  .strictObject({
    _id: z.string(),
    deviceNumber: z.string(),
    location: z.tuple([z.number(), z.number()]).meta({ description: 'Longitude and latitude, in degrees.' }),
    price: z.number().meta({ description: 'Of a kWh.' }),
    waitingPrice: z.number().meta({ description: 'Of a minute in which the cable stays in after the charge.' }),
  })
  .meta({ id: 'RunningDevice', description: 'Where the driver charges now, at the prices that it began with.' });
const RenewedBody = SignedInBody.extend({ device: DeviceBody.optional() }).meta({ id: 'RenewedDriver' });

const tags = ['Driver'];

/** The drivers' app: in by a code, and a token for weeks, which the gateway exchanges. */
export const driverApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', keepNothing);

    const profileOf = async (customer: Customer): Promise<z.input<typeof ProfileBody>> => ({
      name: displayName(customer) ?? '',
      email: customer.email ?? '',
      phone: customer.phone === null ? '' : international(customer.phone),
      balance: toMajorUnits(await balanceOf(deps, customer.id), deps.currency),
    });
    const signedIn = async ({
      customer,
      token,
      broker: nats,
    }: DriverSignIn): Promise<z.input<typeof SignedInBody>> => ({
      token,
      profile: await profileOf(customer),
      nats: { ...nats },
    });

    app.post('/api/user/otp-request', {
      schema: {
        operationId: 'requestOtp',
        summary: 'Send a code to a phone, to sign in with',
        description: 'The answer is the same whether or not somebody has the phone. Each code ends the one before it.',
        tags,
        body: OtpRequestBody,
        response: { 200: z.strictObject({}) },
      },
      handler: async ({ body: { phone }, language, ip: address }) => {
        await requestDriverCode(deps, { phone: toE164(phone, driver.defaultRegion), language, address });
        return {};
      },
    });

    app.post('/api/user/otp-check', {
      schema: {
        operationId: 'checkOtp',
        summary: 'Sign in with the code that was sent last; somebody new has an account from now on',
        tags,
        body: OtpCheckBody,
        response: { 200: SignedInBody },
      },
      handler: async (request) => {
        const { phone, code } = request.body;
        const e164 = toE164(phone, driver.defaultRegion);
        const { language } = request;
        return signedIn(await signInDriver(deps, { phone: e164, code, language, visit: visitOf(request) }));
      },
    });

    app.post('/api/user/me', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'renewDriver',
        summary: 'A fresh token and fresh credentials for the broker; the token before is good until this one is used',
        description: 'Of the app that asks: who signed in elsewhere gets a 403 and signs in here with a code.',
        tags,
        response: { 200: RenewedBody },
      },
      handler: async (request) => {
        const principal = principalOf(request);
        const [renewed, device] = await Promise.all([
          renewDriver(deps, principal).then(signedIn),
          runningDeviceOf(deps, principal.customerId),
        ]);
        return { ...renewed, ...(device && { device: toDeviceBody(device) }) };
      },
    });

    app.post('/api/customer/update-info', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'updateInfo',
        summary: 'What I am called, and by what I am written to',
        description:
          "Only the fields that are sent change. An empty name removes it, an empty `email` says nothing. A new address counts as unproved, the old one is told of it, and somebody else's is a 409.",
        tags,
        body: UpdateInfoBody,
        response: { 200: z.strictObject({ profile: ProfileBody }) },
      },
      handler: async (request) => {
        const { name, email } = request.body;
        const { customerId } = principalOf(request);
        const change = { ...(name !== undefined && { name: name || null }), ...(email && { email }) };
        const actor = { role: 'customer', id: customerId, address: request.ip } as const;
        return { profile: await profileOf(await editProfile(deps, customerId, change, actor)) };
      },
    });
  };

/** What is about one person, or opens their account, is nobody's to keep. */
const keepNothing = async (_request: FastifyRequest, reply: FastifyReply) => {
  reply.header('cache-control', 'no-store');
};

const toDeviceBody = (device: RunningDevice): z.input<typeof DeviceBody> => ({
  _id: device.deviceId,
  deviceNumber: device.number,
  location: device.location,
  price: toMajorUnits(device.price, device.currency),
  waitingPrice: toMajorUnits(device.waitingPrice, device.currency),
});

/** `+976 8666 1488` */
const international = (e164: string): string => parsePhoneNumberFromString(e164)?.formatInternational() ?? e164;

const longestUserAgent = 256;

const visitOf = ({ ip, headers }: FastifyRequest) => ({
  clientId: null,
  address: ip,
  userAgent: headers['user-agent']?.slice(0, longestUserAgent) ?? null,
});
