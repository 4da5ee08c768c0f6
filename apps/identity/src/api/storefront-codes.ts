import { storefront, toE164 } from '@forecourt/dialects';
import { type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import { logInByCode, requestLoginCode } from '../code-login/service.ts';
import type { Deps } from '../deps.ts';
import {
  ClientId,
  CodeRequestBody,
  keepNothing,
  Name,
  Phone,
  SignedInBody,
  toCodeRequestBody,
  toCustomerBody,
  toTokensBody,
  visitOf,
} from './storefront-bodies.ts';

const RequestCodeBody = z.strictObject({
  phone: Phone,
  clientId: ClientId,
  /** What the front end wants it for; it makes no difference. */
  reason: text({ max: 64 }).optional(),
});
const VerifyCodeBody = z.strictObject({
  phone: Phone,
  code: text({ min: 1, max: 16 }),
  requestId: z.uuid(),
  clientId: ClientId,
  name: Name.optional(),
});

const tags = ['Account'];

/** Signing in without a password, as the original back end had it beside the document. */
export const storefrontCodesApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', keepNothing);

    app.post('/auth/request-code', {
      schema: {
        operationId: 'requestCode',
        summary: 'Send a code to a phone, to sign in with',
        description: 'The answer is the same whether or not somebody has the phone.',
        tags,
        body: RequestCodeBody,
        response: { 201: CodeRequestBody },
      },
      handler: async (request, reply) => {
        const { phone, clientId } = request.body;
        const { language, ip: address } = request;
        const wish = { phone: toE164(phone, storefront.defaultRegion), clientId, language, address };
        return reply.code(201).send(toCodeRequestBody(await requestLoginCode(deps, wish), deps));
      },
    });

    app.post('/auth/verify-code', {
      schema: {
        operationId: 'verifyCode',
        summary: 'Sign in with the code; somebody new has an account from now on',
        description:
          'With the `phone` and `clientId` that the code was asked for with. `name` is for who has none yet.',
        tags,
        body: VerifyCodeBody,
        response: { 201: SignedInBody },
      },
      handler: async (request, reply) => {
        const { phone, code, requestId, clientId, name } = request.body;
        const { customer, tokens } = await logInByCode(deps, {
          phone: toE164(phone, storefront.defaultRegion),
          requestId,
          code,
          name: name || null,
          language: request.language,
          visit: { ...visitOf(request), clientId },
        });
        return reply.code(201).send({ customer: toCustomerBody(customer), tokens: toTokensBody(tokens, deps) });
      },
    });
  };
