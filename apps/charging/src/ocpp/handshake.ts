import type { IncomingMessage } from 'node:http';
import { type Protocol, protocols } from './frame.ts';

/** As long as the documents let an identity be, and then some. */
const longestIdentity = 64;
const path = /^\/ocpp\/([^/]+)$/;
const printable = /^[^\p{Cc}\p{Cs}]+$/u;

export const isStationPath = (url: string | undefined): boolean => path.test(pathOf(url));

/** The name in such a path; null when nobody can read it. */
export function identityIn(url: string | undefined): string | null {
  const [, segment = ''] = path.exec(pathOf(url)) ?? [];
  try {
    const identity = decodeURIComponent(segment);
    return identity.length <= longestIdentity && printable.test(identity) && !identity.includes('/') ? identity : null;
  } catch {
    return null;
  }
}

const pathOf = (url = ''): string => url.split('?', 1)[0] as string;

/** The first of the station's that we speak. */
export const protocolIn = (offered: Iterable<string>): Protocol | null => {
  for (const name of offered) {
    const known = protocols.find((protocol) => protocol === name.trim().toLowerCase());
    if (known) return known;
  }
  return null;
};

/**
 * A browser says whose page opens a line; stations say nothing, or name the host that they call. What a proxy was called
 * by is taken from anybody: no page can say that.
 */
export function isWelcomeOrigin(headers: IncomingMessage['headers'], listed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || listed.includes(origin)) return true;
  try {
    return [host, headers['x-forwarded-host']].includes(new URL(origin).host);
  } catch {
    return false;
  }
}
