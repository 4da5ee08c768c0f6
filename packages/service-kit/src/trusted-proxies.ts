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
