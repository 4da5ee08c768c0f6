import { type KeyObject, sign } from 'node:crypto';
import pg from 'pg';
import { deriveSecrets } from '../../../apps/identity/src/secret.ts';
import { unseal } from '../../../apps/identity/src/signing-key/cipher.ts';
import { system } from '../running-system.ts';

export interface SigningKey {
  id: string;
  privateKey: KeyObject;
}

/** The key that identity signs with: only with it can a test break one rule of a token at a time. */
export async function stealSigningKey(): Promise<SigningKey> {
  const { DATABASE_URL: connectionString, TOKEN_SECRET = '' } = system.identityEnvironment;
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query('SELECT id, private_key FROM signing_key ORDER BY active_from LIMIT 1');
  await client.end();
  const [{ id, private_key: sealed }] = rows;
  const privateKey = unseal(deriveSecrets(TOKEN_SECRET).signingKeys, id, sealed);
  if (!privateKey) throw new Error('The key is sealed with another secret.');
  return { id, privateKey };
}

export interface Token {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');

/** A token in the compact form, whatever it says and whoever signs it. */
export function compact({ header, claims }: Token, signature: (input: Buffer) => Buffer): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${signature(Buffer.from(input)).toString('base64url')}`;
}

export const signedBy =
  (privateKey: KeyObject) =>
  (input: Buffer): Buffer =>
    sign(null, input, privateKey);

export const readToken = (token: string): Token => {
  const [header = '', claims = ''] = token.split('.').map((text) => Buffer.from(text, 'base64url').toString());
  return { header: JSON.parse(header), claims: JSON.parse(claims) };
};
