export type Header = readonly [name: string, value: string];

/** A request as it goes over the wire. Texts are Latin-1: each character is a byte. Nobody tidies it up on the way. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export const toBytes = ({ method, target, headers, body }: Message): Buffer =>
  Buffer.concat([
    Buffer.from(
      `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      'latin1',
    ),
    body,
  ]);

/** UTF-8 bytes, each as a character, for places that are written as Latin-1. */
export const asLatin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

export function headerOf({ headers }: Pick<Message, 'headers'>, name: string): string | undefined {
  return headers.find(([given]) => given.toLowerCase() === name)?.[1];
}

export const withHeader = (message: Message, name: string, value: string): Message => ({
  ...message,
  headers: [...message.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase()), [name, value]],
});

export const withBody = (message: Message, body: Buffer): Message =>
  withHeader({ ...message, body }, 'content-length', String(body.length));

/** What the body says, without the frames of its chunks (RFC 9112, 7.1). */
export function contentOf({ headers, body }: Pick<Message, 'headers' | 'body'>): Buffer {
  if (headerOf({ headers }, 'transfer-encoding') !== 'chunked') return body;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const begin = body.indexOf('\r\n', at) + 2;
    const size = Number.parseInt(body.toString('latin1', at, begin), 16);
    if (!(size > 0)) break;
    chunks.push(body.subarray(begin, begin + size));
    at = begin + size + 2;
  }
  return Buffer.concat(chunks);
}

const longestShown = 2000;

/** The request as a shell could send it; a body of unprintable or many bytes is only described. */
export function asCurl(origin: string, { method, target, headers, body }: Message): string {
  const parts = [`curl -i -X ${quoted(method)} --path-as-is ${quoted(origin + target)}`];
  for (const [name, value] of headers) {
    if (/^(host|content-length)$/i.test(name)) continue;
    parts.push(
      `-H ${quoted(`${name}: ${value.length > longestShown ? `${value.slice(0, 60)}… (${value.length})` : value}`)}`,
    );
  }
  if (body.length > 0) parts.push(`--data-binary ${bodyShown(body)}`);
  return parts.join(' \\\n  ');
}

function bodyShown(body: Buffer): string {
  if (body.length > longestShown) return `'${body.toString('latin1', 0, 60)}…' # ${body.length} bytes`;
  const text = body.toString('utf8');
  const printable = Buffer.from(text, 'utf8').equals(body) && ![...text].some((sign) => sign < ' ');
  return printable ? quoted(text) : `"$(echo ${body.toString('base64')} | base64 -d)"`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
