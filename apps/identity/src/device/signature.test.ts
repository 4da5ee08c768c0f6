import { createHmac } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { describe, expect, test } from 'vitest';
import { digestOf, readCredential, refuseStale, signerOf } from './signature.ts';
import { readSignedDate, shifted } from './signed-date.ts';

/** The document's own. */
const key = Buffer.from('Jwtm8U6yV9JM3T/GfyUucUD7mRlZJbmLN0FaCrV7BIE=', 'base64');
const date = 'Tue, 24 Jan 2017 16:24:27 +0600';
const digest = 'J8DWmoscR3Z4+YbHvZ0D2Up/8Weh0IjXa26QVb0ihqA=';
const facts = { method: 'GET', path: '/api/client/mobile/1.0/history', nonce: '737137758' };
const header = `hmac 1000007750818:737137758:${digest}`;

const refusalOf = (work: () => unknown): Pick<AppError, 'code' | 'params'> => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, params: error.params };
    throw error;
  }
  throw new Error('was not refused');
};

describe('the digest', () => {
  test("is that of the document's test vector", () => {
    const credential = readCredential(header);
    expect(credential.customerNumber).toBe(1_000_007_750_818n);
    expect(digestOf(key, facts, date).toString('base64')).toBe(digest);
    expect(signerOf([key], credential.digest, facts, readSignedDate(date))).toBe(0);
  });

  test('is over the bytes of a path, whatever they are', () => {
    const bytes = Buffer.concat([Buffer.from('GET/im’я'), Buffer.from(date), Buffer.from('1')]);
    const path = Buffer.from('/im’я').toString('latin1');
    const expected = createHmac('sha256', key).update(bytes).digest();
    expect(digestOf(key, { method: 'GET', path, nonce: '1' }, date)).toEqual(expected);
  });

  test.each<[string, Partial<typeof facts>]>([
    ['method', { method: 'POST' }],
    ['case of the method', { method: 'get' }],
    ['path', { path: '/api/client/mobile/1.0/account' }],
    ['spelling of the path', { path: '/api/client/mobile/1.0/histor%79' }],
    ['nonce', { nonce: '737137759' }],
    ['spelling of the nonce', { nonce: '0737137758' }],
  ])('of another %s is wrong', (_, other) => {
    const { digest: sent } = readCredential(header);
    expect(signerOf([key], sent, { ...facts, ...other }, readSignedDate(date))).toBe(-1);
  });

  test('is looked for among all keys of a customer', () => {
    const [first, third] = [Buffer.alloc(32, 1), Buffer.alloc(32, 3)];
    const { digest: sent } = readCredential(header);
    expect(signerOf([first, key, third], sent, facts, readSignedDate(date))).toBe(1);
    expect(signerOf([first, third], sent, facts, readSignedDate(date))).toBe(-1);
    expect(signerOf([], sent, facts, readSignedDate(date))).toBe(-1);
  });

  test('of every single flipped bit is wrong', () => {
    const { digest: sent } = readCredential(header);
    for (let bit = 0; bit < 256; bit += 1) {
      const flipped = Buffer.from(sent);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(signerOf([key], flipped, facts, readSignedDate(date))).toBe(-1);
    }
  });
});

describe('the header', () => {
  const said = digest;
  test.each([
    ['seconds', '1485253467'],
    ['milliseconds', '1485253467123'],
    ['random, 63 bits', '9223372036854775807'],
    ['random, 64 bits', '18446744073709551615'],
    ['random and below zero', '-9223372036854775808'],
    ['zero', '0'],
    ['with zeros before it', '0042'],
  ])('takes a nonce of %s as the text that it is', (_, nonce) => {
    expect(readCredential(`hmac 7:${nonce}:${said}`)).toMatchObject({ customerNumber: 7n, nonce });
  });

  test.each([
    ['HMAC', `HMAC 7:1:${said}`],
    ['two spaces', `hmac  7:1:${said}`],
    ['no padding', `hmac 7:1:${said.slice(0, -1)}`],
    ['the largest number', `hmac 9007199254740991:1:${said}`],
  ])('is read with %s', (_, text) => {
    expect(readCredential(text).digest.toString('base64')).toBe(said);
  });

  test.each([
    ['nothing', ''],
    ['a scheme alone', 'hmac'],
    ['another scheme', `Bearer 7:1:${said}`],
    ['no scheme', `7:1:${said}`],
    ['no nonce', `hmac 7:${said}`],
    ['an empty nonce', `hmac 7::${said}`],
    ['a nonce that is no integer', `hmac 7:1.5:${said}`],
    ['a nonce of letters', `hmac 7:abc:${said}`],
    ['a nonce without end', `hmac 7:${'1'.repeat(21)}:${said}`],
    ['an id of zero', `hmac 0:1:${said}`],
    ['an id of letters', `hmac abc:1:${said}`],
    ['an id without end', `hmac ${'9'.repeat(17)}:1:${said}`],
    ['a digest that is too short', `hmac 7:1:${said.slice(4)}`],
    ['a digest that is too long', `hmac 7:1:AAAA${said}`],
    ['a digest in hex', `hmac 7:1:${Buffer.from(said, 'base64').toString('hex')}`],
    ['a digest in another alphabet', `hmac 7:1:${said.replace('/', '_').replace('+', '-')}`],
    ['two of them', `hmac 7:1:${said}, hmac 7:1:${said}`],
    ['something after it', `hmac 7:1:${said};`],
    ['a line break', `hmac 7:1:${said}\n`],
  ])('with %s is malformed', (_, text) => {
    expect(refusalOf(() => readCredential(text))).toEqual({
      code: 'header_malformed',
      params: { header: 'Authentication' },
    });
  });
});

describe('the date', () => {
  const instant = new Date('2017-01-24T10:24:27Z');
  test.each([
    'Tue, 24 Jan 2017 16:24:27 +0600',
    'Tue, 24 Jan 2017 10:24:27 GMT',
    'Tue, 24 Jan 2017 10:24:27 +0000',
    'Tue, 24 Jan 2017 10:24:27 -0000',
    'Tue, 24 Jan 2017 10:24:27 UTC',
    'Tue, 24 Jan 2017 10:24:27 Z',
    'Tue, 24 Jan 2017 06:54:27 -0330',
    'Tue, 24 Jan 2017 16:24:27 +06:00',
    'Tue, 24 Jan 2017 16:24:27 GMT+06:00',
    'Wed, 25 Jan 2017 00:24:27 +1400',
    '24 Jan 2017 10:24:27 GMT',
  ])('%s is that instant', (text) => {
    expect(readSignedDate(text)).toMatchObject({ text, instant });
  });

  test.each(['Sat, 4 Feb 2017 03:04:05 GMT', 'Sat, 04 Feb 2017 03:04:05 GMT', 'Sat,  4 Feb 2017 03:04:05 GMT'])(
    'a one-digit day is read as %j',
    (text) => expect(readSignedDate(text).instant).toEqual(new Date('2017-02-04T03:04:05Z')),
  );

  test.each([
    '',
    'now',
    '1485253467',
    '2017-01-24T10:24:27Z',
    'Tuesday, 24-Jan-17 10:24:27 GMT',
    'Tue Jan 24 10:24:27 2017',
    'Tue, 24 Jan 2017 10:24:27',
    'Tue, 24 Jan 2017 10:24 GMT',
    'Tue, 24 Янв 2017 10:24:27 GMT',
    'Tue, 24 Jan 2017 25:24:27 GMT',
    'Tue, 24 Jan 2017 10:60:27 GMT',
    'Tue, 24 Jan 2017 10:24:60 GMT',
    'Fri, 31 Feb 2017 10:24:27 GMT',
    'Tue, 24 Jan 0017 10:24:27 GMT',
    'Tue, 24 Jan 2017 10:24:27 +2400',
    'Tue, 24 Jan 2017 10:24:27 +0660',
    'Tue, 24 Jan 2017 10:24:27 EST',
    'Tue, 24 Jan 2017 10:24:27 GMT, Tue, 24 Jan 2017 10:24:27 GMT',
    'Tue, 24 Jan 2017 10:24:27 GMT\n',
  ])('%j is malformed', (text) => {
    expect(refusalOf(() => readSignedDate(text))).toEqual({ code: 'header_malformed', params: { header: 'Date' } });
  });

  test('that is not there is missing', () => {
    expect(refusalOf(() => readSignedDate(null))).toEqual({ code: 'header_missing', params: { header: 'Date' } });
  });

  test.each([
    ['Tue, 24 Jan 2017 16:24:27 +0600', ['Tue, 24 Jan 2017 16:24:28 +0600'], ['Tue, 24 Jan 2017 16:24:26 +0600']],
    ['24 Jan 2017 16:24:59 GMT', ['24 Jan 2017 16:25:00 GMT'], ['24 Jan 2017 16:24:58 GMT']],
    ['Sat, 4 Feb 2017 23:59:59 +06:00', ['Sun, 5 Feb 2017 00:00:00 +06:00'], ['Sat, 4 Feb 2017 23:59:58 +06:00']],
    ['Sat, 04 Feb 2017 00:00:00 GMT', ['Sat, 04 Feb 2017 00:00:01 GMT'], ['Fri, 03 Feb 2017 23:59:59 GMT']],
    [
      'Sat, 31 Dec 2016 23:59:59 -0330',
      ['Sun, 1 Jan 2017 00:00:00 -0330', 'Sun, 01 Jan 2017 00:00:00 -0330'],
      ['Sat, 31 Dec 2016 23:59:58 -0330'],
    ],
    ['Wed, 1 Mar 2017 00:00:00 GMT', ['Wed, 1 Mar 2017 00:00:01 GMT'], ['Tue, 28 Feb 2017 23:59:59 GMT']],
    [
      'Fri, 10 Feb 2017 00:00:00 Z',
      ['Fri, 10 Feb 2017 00:00:01 Z'],
      ['Thu, 9 Feb 2017 23:59:59 Z', 'Thu, 09 Feb 2017 23:59:59 Z'],
    ],
    ['Thu,  9 Feb 2017 23:59:59 Z', ['Fri, 10 Feb 2017 00:00:00 Z'], ['Thu,  9 Feb 2017 23:59:58 Z']],
  ])('%s has neighbours in the same spelling', (text, later, earlier) => {
    expect(shifted(readSignedDate(text), 1)).toEqual(later);
    expect(shifted(readSignedDate(text), -1)).toEqual(earlier);
  });

  test.each([
    ['the one that was signed', date, 0],
    ['a second later', 'Tue, 24 Jan 2017 16:24:28 +0600', 0],
    ['a second earlier', 'Tue, 24 Jan 2017 16:24:26 +0600', 0],
    ['two seconds later', 'Tue, 24 Jan 2017 16:24:29 +0600', -1],
    ['two seconds earlier', 'Tue, 24 Jan 2017 16:24:25 +0600', -1],
    ['the same instant in another zone', 'Tue, 24 Jan 2017 10:24:27 GMT', -1],
    ['another spelling', 'Tue, 24 Jan 2017 16:24:27 +06:00', -1],
  ])('a digest is good with %s sent', (_, sent, place) => {
    expect(signerOf([key], readCredential(header).digest, facts, readSignedDate(sent))).toBe(place);
  });

  test.each([
    [600, true],
    [-600, true],
    [601, false],
    [-601, false],
    [86_400, false],
  ])('%i seconds off is %s', (seconds, taken) => {
    const now = new Date(instant.getTime() + seconds * 1000);
    const judge = () => refuseStale(readSignedDate(date), now);
    if (taken) expect(judge).not.toThrow();
    else expect(refusalOf(judge).code).toBe('request_stale');
  });
});
