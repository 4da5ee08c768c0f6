import { X509Certificate } from 'node:crypto';

/**
 * The name in a client's certificate, from what a proxy says of it: the certificate itself (PEM, as nginx escapes it) or
 * its subject (as Envoy and Traefik write it). null unless there is exactly one.
 */
export function nameInCertificate(header: string | undefined): string | null {
  if (header === undefined || header.length > 8_192) return null;
  const text = unescaped(header);
  if (text === null) return null;
  const subject = text.includes('BEGIN CERTIFICATE') ? subjectOf(text) : text;
  const names = new Set([...subject.matchAll(commonName)].map(([, name = '']) => name.trim()));
  const [name = ''] = names;
  return names.size === 1 && name !== '' ? name : null;
}

const commonName = /(?:^|[\s,;/"+=])CN ?= ?((?:\\.|[^,;/"+\\\n])+)/gi;

function unescaped(header: string): string | null {
  try {
    return decodeURIComponent(header);
  } catch {
    return null;
  }
}

function subjectOf(pem: string): string {
  try {
    // A line for each part of the name: what another part says looks like nothing but itself.
    const lines = new X509Certificate(pem).subject.split('\n');
    return lines.filter((line) => line.startsWith('CN=')).join('\n');
  } catch {
    return '';
  }
}
