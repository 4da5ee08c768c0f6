import { createPrivateKey, type KeyObject } from 'node:crypto';
import { sealBytes, unsealBytes } from '../sealing.ts';

/** A private key for the database, bound to the key's id. */
export const seal = (secret: Buffer, id: string, privateKey: KeyObject): Buffer =>
  sealBytes(secret, id, privateKey.export({ format: 'der', type: 'pkcs8' }));

/** null when it was sealed with another secret. */
export function unseal(secret: Buffer, id: string, sealed: Uint8Array): KeyObject | null {
  const key = unsealBytes(secret, id, sealed);
  return key && createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
