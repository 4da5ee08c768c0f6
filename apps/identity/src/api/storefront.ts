import { storefront, toE164 } from '@forecourt/dialects';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { getCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import type { TypedLogin } from '../login/login.ts';
import { logIn } from '../login/service.ts';
import { requestReset, resetPassword } from '../password-reset/service.ts';
import { editProfile } from '../profile/service.ts';
import { registerAndSignIn } from '../registration/service.ts';
import { logOut, refresh } from '../session/service.ts';
import {
  actorOf,
  ClientId,
  CustomerBody,
  Email,
  keepNothing,
  MessageBody,
  Name,
  Password,
  Phone,
  passwordIsChanged,
  SignedInBody,
  TokensBody,
  toCustomerBody,
  toTokensBody,
  visitOf,
} from './storefront-bodies.ts';

const RegisterBody = z.strictObject({
  phone: Phone,
  email: Email,
  password: Password,
  clientId: ClientId,
  name: Name.optional(),
  marketingOptIn: z.boolean().optional(),
});
const LoginBody = z.strictObject({ login: text({ min: 3, max: 120 }), password: Password, clientId: ClientId });
const RefreshBody = z.strictObject({ refreshToken: text({ min: 1, max: 512 }) });
const ForgotPasswordBody = z.strictObject({ email: Email });
const ResetPasswordBody = z.strictObject({ token: text({ min: 1, max: 2048 }), newPassword: Password });
const ProfileBody = z.strictObject({ name: Name.optional(), email: Email.optional() });

export const storefrontApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', keepNothing);

    app.post('/auth/register', {
      schema: {
        operationId: 'register',
        summary: 'Make an account, and sign in to it',
        tags: ['Account'],
        body: RegisterBody,
        response: { 201: SignedInBody },
      },
      handler: async (request, reply) => {
        const { phone, email, password, clientId, name, marketingOptIn = false } = request.body;
        const account = {
          phone: toE164(phone, storefront.defaultRegion),
          email,
          password,
          profile: { name: name || null },
          marketingOptIn,
          language: request.language,
        };
        const { customer, tokens } = await registerAndSignIn(deps, account, { ...visitOf(request), clientId });
        return reply.code(201).send({ customer: toCustomerBody(customer), tokens: toTokensBody(tokens, deps) });
      },
    });

    app.post('/auth/login', {
      config: { tellsNothing: true },
      schema: {
        operationId: 'logIn',
        summary: 'Sign in with an e-mail address or phone, and a password',
        tags: ['Account'],
        body: LoginBody,
        response: { 201: SignedInBody },
      },
      handler: async (request, reply) => {
        const { login, password, clientId } = request.body;
        const visit = { ...visitOf(request), clientId };
        const { customer, tokens } = await logIn(deps, { identifier: toTypedLogin(login), password, visit });
        return reply.code(201).send({ customer: toCustomerBody(customer), tokens: toTokensBody(tokens, deps) });
      },
    });

    app.post('/auth/refresh', {
      config: { tellsNothing: true },
      schema: {
        operationId: 'refresh',
        summary: 'Spend a refresh token for a new pair',
        description: 'Within 30 seconds a spent token answers the same new pair again; later it ends the session.',
        tags: ['Account'],
        body: RefreshBody,
        response: { 201: TokensBody },
      },
      handler: async (request, reply) =>
        reply.code(201).send(toTokensBody(await refresh(deps, request.body.refreshToken), deps)),
    });

    app.post('/auth/logout', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'logOut',
        summary: 'End this session: its tokens are worth nothing any more',
        tags: ['Account'],
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        await logOut(deps, principalOf(request).sessionId);
        return reply.code(204).send(null);
      },
    });

    app.post('/auth/forgot-password', {
      schema: {
        operationId: 'forgotPassword',
        summary: 'Ask for a mail with a link to choose a new password',
        description: 'The answer is the same whether or not somebody has the address.',
        tags: ['Account'],
        body: ForgotPasswordBody,
        response: { 201: MessageBody },
      },
      handler: async (request, reply) => {
        const { language, ip: address } = request;
        await requestReset(deps, { email: request.body.email, language, address });
        return reply.code(201).send({ message: mailIsOnItsWay[language] });
      },
    });

    app.post('/auth/reset-password', {
      schema: {
        operationId: 'resetPassword',
        summary: 'Choose a new password with the link of the mail; ends every session',
        tags: ['Account'],
        body: ResetPasswordBody,
        response: { 201: MessageBody },
      },
      handler: async (request, reply) => {
        await resetPassword(deps, { ...request.body, address: request.ip });
        return reply.code(201).send({ message: passwordIsChanged[request.language] });
      },
    });

    app.get('/me', {
      onRequest: app.requirePrincipal,
      schema: { operationId: 'getMe', summary: 'Who I am', tags: ['Account'], response: { 200: CustomerBody } },
      handler: async (request) => toCustomerBody(await getCustomer(deps.db, principalOf(request).customerId)),
    });

    app.patch('/me', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'changeMe',
        summary: 'Change my name or e-mail address',
        description: 'Only the fields that are sent change. An empty name removes it.',
        tags: ['Account'],
        body: ProfileBody,
        response: { 200: CustomerBody },
      },
      handler: async (request) => {
        const { name, email } = request.body;
        const change = { ...(name !== undefined && { name: name || null }), ...(email !== undefined && { email }) };
        const { customerId } = principalOf(request);
        return toCustomerBody(await editProfile(deps, customerId, change, actorOf(customerId, request)));
      },
    });
  };

/** What can be neither is refused like a wrong password. */
function toTypedLogin(login: string): TypedLogin {
  if (login.includes('@')) return { email: login.toLowerCase() };
  try {
    return { phone: toE164(login, storefront.defaultRegion) };
  } catch {
    return { nobody: login };
  }
}

/** The Ukrainian sentence is the document's, to the letter. */
const mailIsOnItsWay: Readonly<Record<FastifyRequest['language'], string>> = {
  uk: 'Якщо email існує, лист з інструкціями буде надіслано',
  ru: 'Если email существует, письмо с инструкциями будет отправлено',
  ka: 'თუ ელფოსტა არსებობს, ინსტრუქციები გამოიგზავნება',
  mn: 'Хэрэв имэйл бүртгэлтэй бол заавар илгээгдэнэ',
  en: 'If the e-mail address exists, instructions will be sent to it',
};
