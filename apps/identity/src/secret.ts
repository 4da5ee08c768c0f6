import { hkdfSync } from 'node:crypto';

/** One key for each purpose, so that what one of them protects is never proof of another. */
export interface Secrets {
  readonly refreshTokens: Buffer;
  readonly resetTokens: Buffer;
  readonly signingKeys: Buffer;
  readonly throttleKeys: Buffer;
  readonly codes: Buffer;
}

export function deriveSecrets(tokenSecret: string): Secrets {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', tokenSecret, '', `forecourt/identity/${purpose}`, 32));
  return {
    refreshTokens: derive('refresh-token'),
    resetTokens: derive('reset-token'),
    signingKeys: derive('signing-key'),
    throttleKeys: derive('throttle-key'),
    codes: derive('code'),
  };
}
