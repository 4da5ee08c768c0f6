import { hkdfSync, randomBytes } from 'node:crypto';
import { sealBytes, unsealBytes } from '../sealing.ts';
import { keyBytes } from './device.ts';

/** One of DEVICE_KEY_SECRETS. */
export interface NamedSecret {
  readonly id: string;
  readonly secret: string;
}

export interface SealedKey {
  readonly sealedKey: Uint8Array;
  readonly sealedBy: string;
}

/** Device keys must be had in clear to verify with them; in the database they are sealed, each for its own session. */
export interface DeviceKeySealer {
  /** The id of the secret that seals from now on. */
  readonly sealsBy: string;
  /** A key of nobody's, which costs as much to unseal as anybody's. */
  readonly decoy: SealedKey & { readonly sessionId: string };
  seal(sessionId: string, key: Uint8Array): SealedKey;
  /** null when its secret is not ours any more, or it belongs to another session. */
  unseal(sessionId: string, sealed: SealedKey): Buffer | null;
}

/** The first secret seals, all unseal: a new one is put in front, and housekeeping seals anew what the others sealed. */
export function createDeviceKeySealer(secrets: readonly [NamedSecret, ...NamedSecret[]]): DeviceKeySealer {
  const keys = new Map(
    secrets.map(({ id, secret }) => [
      id,
      Buffer.from(hkdfSync('sha256', secret, '', 'forecourt/identity/device-key', 32)),
    ]),
  );
  const [{ id: sealsBy }] = secrets;
  const first = keys.get(sealsBy) as Buffer;
  const seal = (sessionId: string, key: Uint8Array) => ({
    sealedKey: sealBytes(first, sessionId, key),
    sealedBy: sealsBy,
  });
  return {
    sealsBy,
    decoy: { sessionId: 'nobody', ...seal('nobody', randomBytes(keyBytes)) },
    seal,
    unseal: (sessionId, { sealedKey, sealedBy }) => {
      const secret = keys.get(sealedBy);
      return secret ? unsealBytes(secret, sessionId, sealedKey) : null;
    },
  };
}
