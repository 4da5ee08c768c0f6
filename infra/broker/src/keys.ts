import { createAccount, createCurve, fromCurveSeed, fromSeed, type KeyPair } from '@nats-io/nkeys';

/** What identity needs to say who apps are. Whoever has the issuer's seed may be anybody at the broker. */
export interface BrokerKeys {
  /** Signs what an app may do. */
  readonly issuerSeed: string;
  /** Opens what the broker asks about an app: the question holds its password. */
  readonly xkeySeed: string;
}

/** What the broker needs of them. */
export interface PublicKeys {
  readonly issuer: string;
  readonly xkey: string;
}

const seedOf = (pair: KeyPair): string => new TextDecoder().decode(pair.getSeed());

export const newBrokerKeys = (): BrokerKeys => ({
  issuerSeed: seedOf(createAccount()),
  xkeySeed: seedOf(createCurve()),
});

export const publicKeysOf = ({ issuerSeed, xkeySeed }: BrokerKeys): PublicKeys => ({
  issuer: fromSeed(new TextEncoder().encode(issuerSeed)).getPublicKey(),
  xkey: fromCurveSeed(new TextEncoder().encode(xkeySeed)).getPublicKey(),
});
