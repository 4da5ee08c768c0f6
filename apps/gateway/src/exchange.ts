import { exchangeCredential } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';
import type { FastifyRequest } from 'fastify';
import type { CountedRefusal } from './limits.ts';

/** The access token that a signed request is worth; undefined when it is not signed. */
export type Exchange = (request: FastifyRequest) => Promise<string | undefined>;

const timeoutMs = 2000;

/**
 * Services know access tokens alone, so identity is asked for one. Whatever is in the header is a credential, and identity
 * says what is wrong with it: a scheme that nobody knows is refused rather than taken for nobody at all.
 */
export function createExchange(connection: () => Nats | undefined, countWrong: CountedRefusal): Exchange {
  return async (request) => {
    const { headers, method, raw, id: requestId } = request;
    const authentication = textOf(headers.authentication);
    if (authentication === null) return undefined;
    if (headers.authorization !== undefined) {
      throw new AppError('malformed_request', 'A request is signed or bears a token, not both.');
    }
    const nats = connection();
    if (!nats) throw away();
    const question = {
      method,
      path: (raw.url as string).split('?', 1)[0] as string,
      date: textOf(headers['x-hive-date']) ?? textOf(headers.date),
      authentication,
      profile: textOf(headers['hive-profile']),
    };
    try {
      const { accessToken } = await ask(nats, exchangeCredential, question, { timeoutMs, requestId });
      return accessToken;
    } catch (error) {
      if (error instanceof AppError && error.code === 'signature_wrong') await countWrong(request);
      throw error;
    }
  };
}

const textOf = (header: string | string[] | undefined): string | null =>
  header === undefined ? null : [header].flat().join(', ');

const away = () =>
  new AppError('service_unavailable', 'A part of the system is away. Try again soon.', { retryAfterSeconds: 1 });
