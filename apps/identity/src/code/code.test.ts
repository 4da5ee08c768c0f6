import { describe, expect, test } from 'vitest';
import { askedAgain, type CodeRequest, canResend, codeOf, isCurrent, matches, maxTriesFor, resentBy } from './code.ts';

const secret = Buffer.from('a secret of thirty-two characters');
const now = new Date('2026-02-19T12:00:00.000Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

const aRequest = (wishes: Partial<CodeRequest> = {}): CodeRequest => ({
  id: '019c75c5-7200-7e14-aa81-aaff9f96e340',
  shortId: null,
  purpose: 'sign_in',
  channel: 'sms',
  recipient: '+380671112233',
  language: 'uk',
  customerId: null,
  facts: {},
  owner: null,
  reference: null,
  nonce: Buffer.alloc(16, 7),
  digits: 6,
  delivers: true,
  tries: 0,
  maxTries: 5,
  sends: 1,
  createdAt: now,
  expiresAt: later(300),
  resendAt: later(30),
  acceptedAt: null,
  network: null,
  lapsesAt: null,
  ...wishes,
});

describe('the code of a send', () => {
  const sends = Array.from({ length: 20_000 }, (_, sends) => sends);

  test.each([4, 5, 6, 7, 8])('has %i digits, the first of them never 0', (digits) => {
    for (const n of sends.slice(0, 2000)) {
      expect(codeOf(secret, aRequest({ digits, sends: n }))).toMatch(new RegExp(`^[1-9]\\d{${digits - 1}}$`));
    }
  });

  test('is the same whenever it is made, and another for another send, request, nonce or secret', () => {
    const request = aRequest({ digits: 8 });
    const code = codeOf(secret, request);
    expect(codeOf(secret, aRequest({ digits: 8, tries: 3, recipient: '+380671112244' }))).toBe(code);
    const others = [
      codeOf(secret, { ...request, sends: 2 }),
      codeOf(secret, { ...request, id: '019c75c5-7200-7e14-aa81-aaff9f96e341' }),
      codeOf(secret, { ...request, nonce: Buffer.alloc(16, 8) }),
      codeOf(Buffer.from('another secret of the same length'), request),
    ];
    expect(new Set([code, ...others]).size).toBe(5);
  });

  test('favours no digit in any place', () => {
    const codes = sends.map((n) => codeOf(secret, aRequest({ sends: n })));
    for (let place = 0; place < 6; place += 1) {
      const counts = new Map<string, number>();
      for (const code of codes) counts.set(code[place] as string, (counts.get(code[place] as string) ?? 0) + 1);
      const expected = codes.length / (place === 0 ? 9 : 10);
      const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      expect(counts.size).toBe(place === 0 ? 9 : 10);
      expect(chiSquared).toBeLessThan(33.7); // one in ten thousand for 9 degrees of freedom; the codes are always the same
    }
    expect(new Set(codes).size).toBeGreaterThan(19_500);
  });

  test('matches itself alone', () => {
    expect(matches('123456', '123456')).toBe(true);
    for (const wrong of ['123457', '12345', '1234567', '', ' 123456', '１２３４５６', '0123456', '123456\0']) {
      expect(matches(wrong, '123456')).toBe(false);
    }
  });
});

test('short codes have three tries, others five', () => {
  expect([4, 5, 6, 7, 8].map(maxTriesFor)).toEqual([3, 3, 5, 5, 5]);
});

test.each([
  ['fresh', {}, 0, true, true],
  ['one second before its end', {}, 299, true, true],
  ['at its end', {}, 300, true, false],
  ['just before the request is over', {}, 3599, true, false],
  ['once the request is over', {}, 3600, false, false],
  ['accepted', { acceptedAt: now }, 0, false, false],
  ['out of tries', { tries: 5 }, 0, false, false],
  ['followed by another send', { sends: 2 }, 0, true, false],
] as const)('a request that is %s', (_, wishes, seconds, again, current) => {
  const request = aRequest(wishes);
  expect(canResend(request, later(seconds))).toBe(again);
  expect(isCurrent(request, 1, later(seconds))).toBe(current);
});

test('what went to a phone may be read to it, what went to an address may not', () => {
  expect(resentBy(aRequest(), 'voice').channel).toBe('voice');
  expect(resentBy(aRequest({ channel: 'voice' }), undefined).channel).toBe('voice');
  const mail = aRequest({ channel: 'email', recipient: 'ivan@example.com' });
  expect(resentBy(mail, undefined)).toBe(mail);
  expect(() => resentBy(mail, 'sms')).toThrow(expect.objectContaining({ code: 'validation_failed' }));
});

describe('a confirmation that is asked for again', () => {
  const wish = { recipient: '+380671119999', channel: 'voice', language: 'ka', network: null, lapsesAt: null } as const;

  test('is the same request, with the tries that are left, wherever it goes now', () => {
    const request = aRequest({ tries: 4 });
    expect(askedAgain(request, wish, later(400))).toEqual({ ...request, ...wish });
  });

  test('waits until the request is over when no tries are left, and then begins anew', () => {
    const request = aRequest({ tries: 5 });
    expect(() => askedAgain(request, wish, later(600))).toThrow(
      expect.objectContaining({ code: 'too_many_attempts', retryAfterSeconds: 3000 }),
    );
    expect(askedAgain(request, wish, later(3600))).toMatchObject({ tries: 0, createdAt: later(3600), sends: 1 });
  });

  test('is refused once it is confirmed', () => {
    expect(() => askedAgain(aRequest({ acceptedAt: now }), wish, later(9999))).toThrow(
      expect.objectContaining({ code: 'already_confirmed' }),
    );
  });
});
