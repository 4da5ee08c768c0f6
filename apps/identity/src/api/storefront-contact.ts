import { storefront, toE164 } from '@forecourt/dialects';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import { askForContact, confirmContact } from '../contact/service.ts';
import type { Deps } from '../deps.ts';
import { replacePassword } from '../owner/service.ts';
import {
  actorOf,
  CodeRequestBody,
  CustomerBody,
  Email,
  keepNothing,
  MessageBody,
  Password,
  Phone,
  passwordIsChanged,
  toCodeRequestBody,
  toCustomerBody,
} from './storefront-bodies.ts';

const PhoneBody = z.strictObject({
  phone: Phone.optional(),
  channel: z.enum(['sms', 'voice']).optional(),
  password: Password.optional(),
});
const EmailBody = z.strictObject({ email: Email, password: Password.optional() });
const ConfirmBody = z.strictObject({ requestId: z.uuid(), code: text({ min: 1, max: 16 }) });
const PasswordBody = z.strictObject({ currentPassword: Password.optional(), newPassword: Password });

const tags = ['Account'];
const proof =
  'Something new needs the `password` of an account that has one, and of another that its owner signed in within 15 ' +
  'minutes; else it is a 403.';

/** By what a customer is reached and logs in; ours, not in the dialect's document. */
export const storefrontContactApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', keepNothing);

    app.post('/me/phone', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'proveMyPhone',
        summary: 'Send a code to a phone that is to be mine, or that I have and have not proved yet',
        description: `Without \`phone\`, to the one that the account has. ${proof} Nothing changes until the code is confirmed.`,
        tags,
        body: PhoneBody,
        response: { 201: CodeRequestBody },
      },
      handler: async (request, reply) => {
        const { phone, channel = 'sms', password } = request.body;
        const issued = await askForContact(deps, {
          ...principalOf(request),
          contact: 'phone',
          value: phone === undefined ? null : toE164(phone, storefront.defaultRegion),
          channel,
          password,
          language: request.language,
          address: request.ip,
        });
        return reply.code(201).send(toCodeRequestBody(issued, deps));
      },
    });

    app.post('/me/email', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'proveMyEmail',
        summary: 'Send a code to an e-mail address that is to be mine, or that I have and have not proved yet',
        description: `${proof} Nothing changes until the code is confirmed.`,
        tags,
        body: EmailBody,
        response: { 201: CodeRequestBody },
      },
      handler: async (request, reply) => {
        const { email, password } = request.body;
        const issued = await askForContact(deps, {
          ...principalOf(request),
          contact: 'email',
          value: email,
          channel: 'email',
          password,
          language: request.language,
          address: request.ip,
        });
        return reply.code(201).send(toCodeRequestBody(issued, deps));
      },
    });

    for (const contact of ['phone', 'email'] as const) {
      app.post(`/me/${contact}/confirm`, {
        onRequest: app.requirePrincipal,
        schema: {
          operationId: contact === 'phone' ? 'confirmMyPhone' : 'confirmMyEmail',
          summary: 'Enter the code: it is mine from now on',
          description:
            'An account that had it without a proof loses it, and is told. A 409 when another account has proved it, or ' +
            'would be left with neither phone nor e-mail address.',
          tags,
          body: ConfirmBody,
          response: { 201: CustomerBody },
        },
        handler: async (request, reply) => {
          const { customerId } = principalOf(request);
          const actor = actorOf(customerId, request);
          const customer = await confirmContact(deps, { ...request.body, customerId, contact, actor });
          return reply.code(201).send(toCustomerBody(customer));
        },
      });
    }

    app.post('/me/password', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'changeMyPassword',
        summary: 'Choose a new password, or a first one; ends all my other sessions',
        description:
          '`currentPassword` is needed when there is one; when there is none, a login within the last 15 minutes.',
        tags,
        body: PasswordBody,
        response: { 201: MessageBody },
      },
      handler: async (request, reply) => {
        const { customerId, sessionId } = principalOf(request);
        const { currentPassword, newPassword } = request.body;
        const actor = actorOf(customerId, request);
        await replacePassword(deps, { customerId, sessionId, password: currentPassword, newPassword, actor });
        return reply.code(201).send({ message: passwordIsChanged[request.language] });
      },
    });
  };
