import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { compact, readToken, type SigningKey, signedBy, type Token } from './stolen-key.ts';

/**
 * What somebody sends who is not let in, by what is wrong with it. Made from an operator's living token, so that it
 * would open every door if that one thing were not noticed.
 */
export function impostors(living: string, key: SigningKey, elsewhere: string): Record<string, OutgoingHttpHeaders> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const { header, claims } = readToken(living);
  const now = Math.floor(Date.now() / 1000);
  const [head = '', body = '', signature = ''] = living.split('.');
  const ours = signedBy(key.privateKey);
  /** Signed by identity's own key: nothing but the rule itself stands against it. */
  const but = (change: Partial<Token>) =>
    bearer(compact({ header: { ...header, ...change.header }, claims: clean({ ...claims, ...change.claims }) }, ours));

  const publicKey = createPublicKey(key.privateKey);
  const jwk = publicKey.export({ format: 'jwk' });
  const stranger = generateKeyPairSync('ed25519');
  const strangersJwk = stranger.publicKey.export({ format: 'jwk' });
  const byStranger = (extra: Record<string, unknown> = {}) =>
    bearer(compact({ header: { ...header, ...extra }, claims }, signedBy(stranger.privateKey)));
  const withoutSignature = (alg: string) =>
    bearer(compact({ header: { ...header, alg }, claims }, () => Buffer.alloc(0)));
  const hmac = (secret: string | Buffer) =>
    bearer(
      compact({ header: { ...header, alg: 'HS256' }, claims }, (input) =>
        createHmac('sha256', secret).update(input).digest(),
      ),
    );
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  return {
    'an empty header': { authorization: '' },
    'no token after Bearer': { authorization: 'Bearer' },
    'Bearer and a space': { authorization: 'Bearer ' },
    'the token without its scheme': { authorization: living },
    'another scheme': { authorization: `Basic ${living}` },
    'a scheme like it': { authorization: `Bearerer ${living}` },
    'the scheme twice': { authorization: `Bearer Bearer ${living}` },
    'two tokens': { authorization: `Bearer ${living} ${living}` },
    'a comma and a token': { authorization: `Basic x, Bearer ${living}` },
    'a quoted token': { authorization: `Bearer "${living}"` },
    'the token as a cookie': { cookie: `session=${living}; access_token=${living}; token=${living}` },
    'the token in a header of its own': { 'x-access-token': living, 'proxy-authorization': `Bearer ${living}` },
    'a forged identity': { 'x-user-id': String(claims.sub), 'x-user-roles': 'operator', x_user_roles: 'operator' },
    garbage: bearer('garbage'),
    'an app’s token that nobody was given': bearer(`drv_${'a'.repeat(43)}`),
    'three parts of garbage': bearer('e30.e30.e30'),
    'a token too long': bearer(`${head}.${body}.${signature}${'A'.repeat(5000)}`),
    'another signature': bearer(`${head}.${body}.${Buffer.alloc(64, 1).toString('base64url')}`),
    'no signature': bearer(`${head}.${body}.`),
    'two parts': bearer(`${head}.${body}`),
    'four parts': bearer(`${living}.${signature}`),
    'other claims under a true signature': bearer(
      `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: '0'.repeat(24) })).toString('base64url')}.${signature}`,
    ),
    'alg none': withoutSignature('none'),
    'alg None': withoutSignature('None'),
    'no alg': bearer(compact({ header: { typ: header.typ, kid: header.kid }, claims }, ours)),
    'HS256 with the public key': hmac(Buffer.from(String(jwk.x), 'base64url')),
    'HS256 with the public key as PEM': hmac(publicKey.export({ format: 'pem', type: 'spki' })),
    'HS256 with the public key as JSON': hmac(JSON.stringify(jwk)),
    'ES256 with a key of its own': bearer(
      compact({ header: { ...header, alg: 'ES256' }, claims }, (input) =>
        sign('sha256', input, { key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' }),
      ),
    ),
    'an algorithm that is not the key’s': but({ header: { alg: 'ES256' } }),
    'a stranger’s key under our id': byStranger(),
    'a stranger’s key under its own id': byStranger({ kid: 'stranger' }),
    'a stranger’s key without an id': byStranger({ kid: undefined }),
    'a stranger’s key that it brings along': byStranger({ kid: undefined, jwk: strangersJwk }),
    'a stranger’s key at an address': byStranger({ kid: 'elsewhere', jku: `${elsewhere}/jwks.json`, x5u: elsewhere }),
    'a key id that is a path': byStranger({ kid: '../../../../dev/null' }),
    'a key id that is SQL': byStranger({ kid: "' OR 1=1 --" }),
    'an extension that must be understood': but({ header: { crit: ['exp'], exp: now + 900 } }),
    'an unencoded payload': but({ header: { crit: ['b64'], b64: false } }),
    'another type': but({ header: { typ: 'JWT' } }),
    'the type of a reset link': but({ header: { typ: 'reset+jwt' } }),
    'another issuer': but({ claims: { iss: 'https://evil.example' } }),
    'no issuer': but({ claims: { iss: undefined } }),
    'another audience': but({ claims: { aud: 'somebody-else' } }),
    'no audience': but({ claims: { aud: undefined } }),
    'a life that has ended': but({ claims: { iat: now - 1000, exp: now - 1 } }),
    'a life that ends as text': but({ claims: { exp: String(now + 900) } }),
    'a life without end': but({ claims: { exp: undefined } }),
    'a life that begins later': but({ claims: { nbf: now + 600 } }),
    'nobody as its subject': but({ claims: { sub: undefined } }),
    'no session': but({ claims: { sid: undefined } }),
    'an empty session': but({ claims: { sid: '' } }),
    'roles as text': but({ claims: { roles: 'operator' } }),
  };
}

const clean = (claims: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
