import { AppError } from '@forecourt/errors';
import type { FastifyRequest } from 'fastify';

/** They change nothing (RFC 9110, 9.2.1). */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Browsers send cookies by themselves, whoever's page asks. A request that changes something by a cookie comes from our
 * own pages (Fetch Metadata, or `Origin` of those that do not send it); with neither it is from no browser of today, and
 * `SameSite=Lax` holds back those of yesterday.
 */
export function assertOwnOrigin({ method, headers, protocol, host }: FastifyRequest): void {
  if (safeMethods.has(method)) return;
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const own = site === undefined ? origin === undefined || origin === `${protocol}://${host}` : site === 'same-origin';
  if (!own) throw new AppError('origin_refused', 'A page of another origin may change nothing by this cookie.');
}
