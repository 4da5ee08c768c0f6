import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';

/**
 * The setting TRUSTED_PROXIES as Fastify's `trustProxy`: nobody, a number of hops, or addresses. Never `true`, with
 * which anyone could choose the address that they seem to come from.
 */
export function trustProxyOf(setting: string): false | string[] | ((address: string, hop: number) => boolean) {
  const trimmed = setting.trim();
  if (trimmed === '' || trimmed === '0') return false;
  if (/^\d+$/.test(trimmed)) return (_address, hop) => hop < Number(trimmed);
  return trimmed.split(',').map((address) => address.trim());
}

export interface Caller {
  readonly address: string;
  /** Whoever we talk to is believed about whom they talk to. */
  readonly proxied: boolean;
}

/** Who calls, as Fastify finds it out, for what does not come through Fastify: upgrades. */
export function callerBy(setting: string): (request: IncomingMessage) => Caller {
  const trusted = trustProxyOf(setting);
  const trust = typeof trusted === 'function' ? trusted : proxyAddr.compile(trusted === false ? [] : trusted);
  return (request) => ({
    address: proxyAddr(request, trust),
    proxied: trust(request.socket.remoteAddress ?? '', 0),
  });
}
