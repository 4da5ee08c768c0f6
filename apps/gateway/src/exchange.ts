import { exchangeCredential, sessionCookie, tokenForms } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';
import { readCookie } from '@forecourt/service-kit';
import type { FastifyRequest } from 'fastify';
import type { CountedRefusal } from './limits.ts';
import { createOpaqueTokens } from './opaque-tokens.ts';
import { assertOwnOrigin } from './own-origin.ts';
import type { Row } from './routes.ts';

/** What a request's credential is worth. */
export interface Worth {
  /** undefined: the credential is an access token itself, or there is none. */
  readonly accessToken?: string | undefined;
  /** The session cookie is of nobody: the browser may forget it. */
  readonly staleCookie?: boolean;
}

export type Exchange = (request: FastifyRequest, row: Row) => Promise<Worth>;

const timeoutMs = 2000;

/**
 * Services know access tokens alone, so identity is asked for one. Whatever is in the header is a credential, and identity
 * says what is wrong with it: a scheme that nobody knows is refused rather than taken for nobody at all.
 */
export function createExchange(connection: () => Nats | undefined, countWrong: CountedRefusal): Exchange {
  const natsOrRefuse = () => {
    const nats = connection();
    if (!nats) throw away();
    return nats;
  };
  const tokens = createOpaqueTokens(natsOrRefuse);

  /** One that is worth nothing goes on as it came, and is refused like any other by whoever verifies it. */
  const ofBearer = async (request: FastifyRequest, row: Row): Promise<Worth> => {
    const token = bearer.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !isTaken(token, row)) return {};
    const accessToken = await tokens.worthOf(token, request.id);
    if (accessToken === undefined) await countWrong(request);
    return { accessToken };
  };

  /** Nobody guesses 256 bits, and a browser sends what it has: one of nobody counts as none, for what is open to all. */
  const ofCookie = async (request: FastifyRequest, row: Row): Promise<Worth> => {
    const token = sessionOf(request);
    if (token === undefined || row.kept) return {};
    const accessToken = await tokens.worthOf(token, request.id);
    if (accessToken === undefined) return { staleCookie: true };
    assertOwnOrigin(request);
    return { accessToken };
  };

  return async (request, row) => {
    const { headers, method, raw, id: requestId } = request;
    const authentication = textOf(headers.authentication);
    if (authentication === null) {
      return headers.authorization === undefined ? ofCookie(request, row) : ofBearer(request, row);
    }
    if (headers.authorization !== undefined) {
      throw new AppError('malformed_request', 'A request is signed or bears a token, not both.');
    }
    const question = {
      method,
      path: (raw.url as string).split('?', 1)[0] as string,
      date: textOf(headers['x-hive-date']) ?? textOf(headers.date),
      authentication,
      profile: textOf(headers['hive-profile']),
    };
    try {
      const { accessToken } = await ask(natsOrRefuse(), exchangeCredential, question, { timeoutMs, requestId });
      return { accessToken };
    } catch (error) {
      if (error instanceof AppError && error.code === 'signature_wrong') await countWrong(request);
      throw error;
    }
  };
}

const bearer = /^Bearer +(\S+) *$/i;

/** What a row takes besides access tokens. */
const isTaken = (token: string, { appTokens, partnerKeys }: Row): boolean =>
  tokenForms.site.test(token) ||
  (appTokens === true && tokenForms.app.test(token)) ||
  (partnerKeys === true && tokenForms.key.test(token));

function sessionOf({ headers }: FastifyRequest): string | undefined {
  const token = readCookie(headers.cookie, sessionCookie);
  return token !== undefined && tokenForms.site.test(token) ? token : undefined;
}

/** The session that ends is the one that the browser's cookie names. */
export function isOfCookie(request: FastifyRequest): boolean {
  const token = sessionOf(request);
  const { authorization } = request.headers;
  return token !== undefined && (authorization === undefined || bearer.exec(authorization)?.[1] === token);
}

const textOf = (header: string | string[] | undefined): string | null =>
  header === undefined ? null : [header].flat().join(', ');

const away = () =>
  new AppError('service_unavailable', 'A part of the system is away. Try again soon.', { retryAfterSeconds: 1 });
