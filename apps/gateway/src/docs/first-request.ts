import type { FirstRequest } from '@forecourt/dialects';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** As a shell takes it, against a gateway on this machine. */
export function asCurl({ path, headers = {}, body }: FirstRequest): string {
  const sent = { ...headers, ...(body && { 'content-type': 'application/json' }) };
  return [
    `curl -s ${quoted(`localhost:3000${path}`)}`,
    ...Object.entries(sent).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body ? [`-d ${quoted(JSON.stringify(body))}`] : []),
  ].join(' ');
}

export const toBeginWith = (request: FirstRequest): string =>
  `A first request:\n\n\`\`\`sh\n${asCurl(request)}\n\`\`\``;
