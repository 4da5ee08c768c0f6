/** Bytes of which a server may think what it likes, as long as they are one request to it, or none. */
export interface Shape {
  readonly name: string;
  readonly bytes: string | Buffer;
  /** How many requests a strict reader sees at most. */
  readonly most: number;
}

const json = 'content-type: application/json';
const hidden = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
const post = (headers: string, body: string) =>
  `POST /auth/refresh HTTP/1.1\r\nhost: x\r\n${json}\r\n${headers}\r\n\r\n${body}`;
const get = (headers: string) => `GET /products?limit=1 HTTP/1.1\r\nhost: x${headers}\r\n\r\n`;
const one = (name: string, bytes: string | Buffer): Shape => ({ name, bytes, most: 1 });

/** Two readers would disagree about where such a request ends; whoever is last in line reads the rest as another's. */
const smuggling: readonly Shape[] = [
  one('length and chunks', post('content-length: 4\r\ntransfer-encoding: chunked', `0\r\n\r\n${hidden}`)),
  one(
    'chunks and length',
    post(`transfer-encoding: chunked\r\ncontent-length: ${hidden.length + 5}`, `0\r\n\r\n${hidden}`),
  ),
  one('two lengths', post(`content-length: 2\r\ncontent-length: ${hidden.length + 2}`, `{}${hidden}`)),
  one('a list of lengths', post(`content-length: 2, ${hidden.length + 2}`, `{}${hidden}`)),
  one('a length with a sign', post('content-length: +2', `{}${hidden}`)),
  one('a length below zero', post('content-length: -2', `{}${hidden}`)),
  one('a length in hex', post('content-length: 0x2', `{}${hidden}`)),
  one('a length beyond counting', post('content-length: 99999999999999999999', `{}${hidden}`)),
  one('a length that is no number', post('content-length: two', `{}${hidden}`)),
  one('an empty length', post('content-length:', `{}${hidden}`)),
  one('identity', post('transfer-encoding: identity\r\ncontent-length: 2', `{}${hidden}`)),
  one('xchunked', post('transfer-encoding: xchunked\r\ncontent-length: 2', `{}${hidden}`)),
  one('chunked, identity', post('transfer-encoding: chunked, identity', `0\r\n\r\n${hidden}`)),
  one('chunked with a tab', post('transfer-encoding:\tchunked\r\ncontent-length: 2', `{}${hidden}`)),
  one('chunked with a vertical tab', post('transfer-encoding: \vchunked\r\ncontent-length: 2', `{}${hidden}`)),
  one(
    'chunked twice',
    post('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\ncontent-length: 2', `0\r\n\r\n${hidden}`),
  ),
  one('a space before the colon', post(`content-length : ${hidden.length + 2}`, `{}${hidden}`)),
  one('a folded header', post(`x-a: b\r\n content-length: ${hidden.length + 2}\r\ncontent-length: 2`, `{}${hidden}`)),
  one('a folded encoding', post('transfer-encoding:\r\n chunked\r\ncontent-length: 2', `{}${hidden}`)),
  one('a name with a space', post('x a: b\r\ncontent-length: 2', `{}${hidden}`)),
  one('a header without a name', post(': b\r\ncontent-length: 2', `{}${hidden}`)),
  one('a header without a colon', post('nonsense\r\ncontent-length: 2', `{}${hidden}`)),
  one('a bare line feed', get(`\nx-a: b\r\nx-b: c`)),
  one('a bare carriage return', get('\r\nx-a: b\rx-b: c')),
  one('a NUL in a name', get('\r\nx\0a: b')),
  one('line feeds alone', 'GET /products?limit=1 HTTP/1.1\nhost: x\n\n'),
];

const chunks = (body: string) => post('transfer-encoding: chunked', body);

const chunking: readonly Shape[] = [
  one('a chunk size with a sign', chunks(`+2\r\n{}\r\n0\r\n\r\n${hidden}`)),
  one('a chunk size below zero', chunks(`-2\r\n{}\r\n0\r\n\r\n${hidden}`)),
  one('a chunk size with 0x', chunks(`0x2\r\n{}\r\n0\r\n\r\n${hidden}`)),
  one('a chunk size beyond counting', chunks(`FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n${hidden}`)),
  one('a chunk size of 2^64 - 1', chunks(`FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n`)),
  one('no chunk size', chunks(`\r\n{}\r\n0\r\n\r\n${hidden}`)),
  one('a chunk that is longer than it says', chunks(`2\r\n{}abc\r\n0\r\n\r\n${hidden}`)),
  one('a chunk without its end', chunks(`2\r\n{}0\r\n\r\n${hidden}`)),
  one('a chunk size with a line feed', chunks(`2\n{}\r\n0\r\n\r\n${hidden}`)),
  one('a long chunk extension', chunks(`2;${'a'.repeat(70_000)}\r\n{}\r\n0\r\n\r\n`)),
  one('a thousand chunk extensions', chunks(`${'1;a=b\r\n \r\n'.repeat(1000)}0\r\n\r\n`)),
  {
    name: 'trailers',
    bytes: chunks(`2\r\n{}\r\n0\r\ncontent-length: 50\r\nauthorization: x\r\n\r\n${hidden}`),
    most: 2,
  },
  one('trailers without end', chunks(`2\r\n{}\r\n0\r\n${'x-t: a\r\n'.repeat(5000)}`)),
];

const startLines: readonly Shape[] = [
  {
    name: 'another host in the target',
    bytes: 'GET http://evil.example/products?limit=1 HTTP/1.1\r\nhost: x\r\n\r\n',
    most: 1,
  },
  one('no version', 'GET /products\r\n\r\n'),
  one('version 0.9', 'GET /products HTTP/0.9\r\n\r\n'),
  one('version 1.0', 'GET /products?limit=1 HTTP/1.0\r\n\r\n'),
  one('version 1.2', 'GET /products?limit=1 HTTP/1.2\r\nhost: x\r\n\r\n'),
  one('version 2.0', 'GET /products?limit=1 HTTP/2.0\r\nhost: x\r\n\r\n'),
  one('version 9.9', 'GET /products?limit=1 HTTP/9.9\r\nhost: x\r\n\r\n'),
  one('two spaces', 'GET  /products?limit=1 HTTP/1.1\r\nhost: x\r\n\r\n'),
  one('a tab', 'GET\t/products?limit=1 HTTP/1.1\r\nhost: x\r\n\r\n'),
  one('a target with a space', 'GET /products?q=a b HTTP/1.1\r\nhost: x\r\n\r\n'),
  one('a NUL in the target', 'GET /products\0 HTTP/1.1\r\nhost: x\r\n\r\n'),
  { name: 'empty lines before', bytes: `\r\n\r\n\r\n${get('')}`, most: 1 },
  one('a method of 10,000 signs', `${'A'.repeat(10_000)} / HTTP/1.1\r\nhost: x\r\n\r\n`),
  one('a target of 100,000 signs', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`),
  one('a header of 1 MB', get(`\r\nx-a: ${'a'.repeat(1_000_000)}`)),
  one('headers without end', `GET / HTTP/1.1\r\nhost: x\r\n${'x-a: b\r\n'.repeat(20_000)}`),
  one('a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n'),
];

const otherProtocols: readonly Shape[] = [
  one(
    'HTTP/2',
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from('000000040000000000', 'hex')]),
  ),
  one('TLS', Buffer.concat([Buffer.from('16030100c8010000c40303', 'hex'), Buffer.alloc(200, 7)])),
  one('SSH', 'SSH-2.0-OpenSSH_9.6\r\n'),
  one('SMTP', 'EHLO evil.example\r\nMAIL FROM:<a@b>\r\n'),
  one('Redis', '*1\r\n$8\r\nFLUSHALL\r\n'),
  one('Postgres', Buffer.from('0000000804d2162f', 'hex')),
  one('noise', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919 + 13) % 256))),
  one('nothing but zeros', Buffer.alloc(4096)),
  one('only line ends', '\r\n'.repeat(50_000)),
];

export const shapes: readonly Shape[] = [...smuggling, ...chunking, ...startLines, ...otherProtocols];
