import { exchangeCredential } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';
import type { FastifyRequest } from 'fastify';
import { createAppTokens } from './app-tokens.ts';
import type { CountedRefusal } from './limits.ts';
import type { Row } from './routes.ts';

/** The access token that a request's credential is worth; undefined when it is an access token, or there is none. */
export type Exchange = (request: FastifyRequest, row: Pick<Row, 'appTokens'>) => Promise<string | undefined>;

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
  const appTokens = createAppTokens(natsOrRefuse, countWrong);

  return async (request, row) => {
    const { headers, method, raw, id: requestId } = request;
    const authentication = textOf(headers.authentication);
    if (authentication === null) return row.appTokens ? appTokens.worthOf(request) : undefined;
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
