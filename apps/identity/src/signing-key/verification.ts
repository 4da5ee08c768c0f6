import { errors, importJWK, type JWTVerifyGetKey } from 'jose';
import type { KeyRing } from './service.ts';

/** The public halves for a verifier that lives in this process. */
export const verificationKeys =
  (keyRing: KeyRing): JWTVerifyGetKey =>
  async ({ kid, alg }) => {
    const { keys } = await keyRing.jwks();
    const jwk = keys.find((key) => key.kid === kid && key.alg === alg);
    if (!jwk) throw new errors.JWKSNoMatchingKey();
    return importJWK(jwk, 'EdDSA');
  };
