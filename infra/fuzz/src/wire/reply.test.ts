import { describe, expect, test } from 'vitest';
import { ReplyReader } from './reply.ts';

const read = (text: string, { method = 'GET', ended = false } = {}) => {
  const reader = new ReplyReader();
  reader.add(Buffer.from(text, 'latin1'));
  return reader.next(method, ended);
};

describe('a reply is read', () => {
  test.each([
    ['by its length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', 'hello'],
    ['by its chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'hello'],
    ['after an interim one', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', 'ok'],
    ['without a body where none can be', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
  ])('%s', (_, text, body) => {
    expect(read(text)?.body.toString()).toBe(body);
  });

  test('only when it is whole, however it comes', () => {
    const reader = new ReplyReader();
    for (const sign of 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no') {
      reader.add(Buffer.from(sign));
      expect(reader.next('GET')).toBeUndefined();
    }
    reader.add(Buffer.from('k'));
    expect(reader.next('GET')?.status).toBe(200);
  });

  test('to the end of the connection where nothing says how long it is', () => {
    expect(read('HTTP/1.1 200 OK\r\n\r\nall')).toBeUndefined();
    expect(read('HTTP/1.1 200 OK\r\n\r\nall', { ended: true })).toMatchObject({ closes: true });
  });

  test('to a HEAD without waiting for the body that its length speaks of', () => {
    expect(read('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n', { method: 'HEAD' })?.body).toHaveLength(0);
  });
});

test.each([
  'HTTP/2 200\r\n\r\n',
  'nonsense\r\n\r\n',
  'HTTP/1.1 200 OK\r\n: x\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
])('%j is no reply', (text) => {
  expect(() => read(text)).toThrow();
});
