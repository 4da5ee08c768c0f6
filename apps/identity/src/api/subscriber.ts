import { sessionCookie } from '@forecourt/contracts';
import { SubscriberAnswer, succeeded, verification } from '@forecourt/dialects';
import { clearCookie, type Routes, readCookie, writeCookie } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requestSeconds } from '../code/code.ts';
import type { Deps } from '../deps.ts';
import { sessionSeconds } from '../site-session/site-session.ts';
import {
  type CodeWish,
  enterSubscriberCode,
  requestSubscriberCode,
  resendSubscriberCode,
} from '../subscriber-sign-in/service.ts';

const ClientBody = z.strictObject({
  clientId: z.int().min(1).meta({ description: "The client's number." }),
});
const CodeBody = z.strictObject({
  code: z.int().min(1).max(99_999_999).meta({ description: 'As it was sent; codes have no leading zero.' }),
});
const NothingAnswer = SubscriberAnswer(z.strictObject({}));
const Headers = z.object({
  [verification.header]: z
    .uuid()
    .optional()
    .meta({ description: 'What the call that sent the code answered with, for callers that keep no cookies.' }),
});

const tags = ['Access'];
const tellsWhich =
  'The answer names the code in the cookie `verification` and in the header `X-Verification`; `/validate` takes either. ';

/** The telecom subscriber's site: in by a code to the phone of the account, and a session in a cookie. */
export const subscriberApi =
  (deps: Deps): Routes =>
  async (app) => {
    const secure = deps.secureCookies;
    app.addHook('onRequest', keepNothing);

    const tell = (reply: FastifyReply, { requestId }: { requestId: string }) => {
      const cookie = { name: verification.cookie, value: requestId, maxAgeSeconds: requestSeconds, secure };
      reply.header('set-cookie', writeCookie(cookie)).header(verification.header, requestId);
      return succeeded({});
    };

    for (const [path, operationId, summary, description] of [
      ['/register', 'openAccess', 'Open online access: a code to the phone of a client', tellsWhich],
      ['/restore', 'restoreAccess', 'Get back in: a code to the phone of a client', tellsWhich],
    ] as const) {
      app.post(path, {
        schema: { operationId, summary, description, tags, body: ClientBody, response: { 200: NothingAnswer } },
        handler: async (request, reply) => tell(reply, await requestSubscriberCode(deps, wishOf(request))),
      });
    }

    app.post('/resend', {
      schema: {
        operationId: 'resendCode',
        summary: 'The next code of what a client was last sent one for; the one before is worth nothing any more',
        description: `${tellsWhich}Of the request that the cookie or header names, or else of the last one from the same address; without any it is a code to sign in with.`,
        tags,
        headers: Headers,
        body: ClientBody,
        response: { 200: NothingAnswer },
      },
      handler: async (request, reply) => {
        const wish = { ...wishOf(request), requestId: namedBy(request) };
        return tell(reply, await resendSubscriberCode(deps, wish));
      },
    });

    app.post('/validate', {
      schema: {
        operationId: 'validateCode',
        summary: 'Enter the code that was sent last: sign in, and confirm the order that it was for',
        description:
          'The code of the request that the header `X-Verification` names, or else the cookie `verification`; with neither ' +
          'the code alone, among those that were asked for from the same address. The answer sets the cookie `session` and ' +
          'has the same token in `Authorization: Bearer`; it is good for 30 days wherever a bearer token is.',
        tags,
        headers: Headers,
        body: CodeBody,
        response: { 200: NothingAnswer },
      },
      handler: async (request, reply) => {
        const token = await enterSubscriberCode(deps, {
          code: String(request.body.code),
          requestId: namedBy(request),
          language: request.language,
          visit: visitOf(request),
        });
        const session = writeCookie({ name: sessionCookie, value: token, maxAgeSeconds: sessionSeconds, secure });
        reply
          .header('set-cookie', [session, clearCookie({ name: verification.cookie, secure })])
          .header('authorization', `Bearer ${token}`);
        return succeeded({});
      },
    });
  };

/** What opens an account is nobody's to keep. */
const keepNothing = async (_request: FastifyRequest, reply: FastifyReply) => {
  reply.header('cache-control', 'no-store');
};

type Asking = Pick<FastifyRequest, 'language' | 'ip'> & { readonly body: z.output<typeof ClientBody> };

const wishOf = ({ language, ip: address, body: { clientId: number } }: Asking): CodeWish => ({
  number,
  language,
  address,
});

/**
 * A program that says which request it means is believed before the browser, whose cookie is of the call that was last in
 * any of its tabs. A cookie that is no id is as good as none.
 */
const namedBy = ({ raw: { headers } }: Pick<FastifyRequest, 'raw'>): string | null => {
  const header = headers[verification.header];
  if (typeof header === 'string') return header;
  return z.uuid().safeParse(readCookie(headers.cookie, verification.cookie)).data ?? null;
};

const longestUserAgent = 256;

const visitOf = ({ ip, raw: { headers } }: Pick<FastifyRequest, 'ip' | 'raw'>) => ({
  clientId: null,
  address: ip,
  userAgent: headers['user-agent']?.slice(0, longestUserAgent) ?? null,
});
