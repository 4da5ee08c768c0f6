import type { IncomingMessage } from 'node:http';

/** A proxy may be sent `GET http://host/path` (RFC 9112, 3.2.2); what counts for us is the path. */
export const originForm = ({ url = '/' }: IncomingMessage): string =>
  url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '') || '/';

/**
 * Dot segments, doubled or encoded slashes, backslashes and control characters mean different paths to different
 * readers. No public path has them, so none gets as far as a service.
 */
export function isAmbiguous(path: string): boolean {
  if (!/%|\.\.|\/\.|\/\/|\\|;/.test(path)) return false;
  return /\/\/|\\|;|%(?:2f|5c|2e|25|3b|[01][0-9a-f]|7f)|\/\.{1,2}(?:\/|$)/i.test(path);
}

/** How many of the headers, in turn names and values, are a host's. */
export function hostsNamed(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
