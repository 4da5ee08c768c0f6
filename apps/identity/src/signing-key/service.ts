import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { Clock, Database, Logger } from '@forecourt/service-kit';
import { calculateJwkThumbprint, type JSONWebKeySet, type JWK } from 'jose';
import { seal, unseal } from './cipher.ts';
import { activeKey, isRetired, type KeyDates, nextActivation, retirement } from './signing-key.ts';
import { insertKey, type KeyRow, listKeys, retireOthers } from './store.ts';

export interface SigningKey extends KeyDates {
  readonly id: string;
  readonly publicJwk: JWK;
  readonly privateKey: KeyObject;
}

/** This process's copy of the keys, which all processes share through Postgres. */
export interface KeyRing {
  current(): Promise<SigningKey>;
  /** A key that signed not long ago; null when it is not ours to sign with any more. */
  find(id: string): Promise<SigningKey | null>;
  jwks(): Promise<JSONWebKeySet>;
  /** Reads the keys again, and makes the next one when its time has come. To be called every minute. */
  refresh(): Promise<void>;
}

export interface KeyRingOptions {
  database: Database;
  clock: Clock;
  log: Logger;
  secret: Buffer;
}

type HeldKey = Omit<SigningKey, 'privateKey'> & { readonly privateKey: KeyObject | null };
const canSign = (key: HeldKey): key is SigningKey => key.privateKey !== null;

export function createKeyRing({ database, clock, log, secret }: KeyRingOptions): KeyRing {
  let held: readonly HeldKey[] = [];

  const hold = (rows: readonly KeyRow[]): readonly HeldKey[] =>
    rows.map((row) => {
      const known = held.find(({ id }) => id === row.id);
      return { ...row, privateKey: known?.privateKey ?? unseal(secret, row.id, row.privateKey) };
    });

  const refresh = async () => {
    held = hold(await listKeys(database));
    if (!nextActivation(held.filter(canSign), clock())) return;
    held = await database.transaction(async (tx) => {
      await lockAggregate(tx, 'signing-key', 'ring');
      // Somebody else may have been quicker.
      const current = hold(await listKeys(tx));
      const activeFrom = nextActivation(current.filter(canSign), clock());
      if (!activeFrom) return current;
      const id = await addKey(tx, secret, activeFrom, clock());
      log.info({ keyId: id, activeFrom }, 'a new signing key is published');
      return hold(await listKeys(tx));
    });
  };

  const current = async () => {
    const now = () => activeKey(held.filter(canSign), clock());
    if (!now()) await refresh();
    const key = now();
    if (!key) throw new Error('There is no key to sign with.');
    return key;
  };

  return {
    current,
    refresh,
    find: async (id) => {
      const search = () => held.find((key) => key.id === id);
      if (!search()) await refresh();
      const key = search();
      return key && canSign(key) ? key : null;
    },
    jwks: async () => {
      await current();
      const now = clock();
      return {
        keys: held.filter((key) => !isRetired(key, now)).map(({ publicJwk }) => publicJwk as JWK & { kty: string }),
      };
    },
  };
}

async function addKey(tx: SqlTx, secret: Buffer, activeFrom: Date, now: Date): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bare = publicKey.export({ format: 'jwk' }) as JWK;
  const id = await calculateJwkThumbprint(bare);
  const publicJwk = { ...bare, kid: id, alg: 'EdDSA', use: 'sig' };
  await insertKey(tx, { id, publicJwk, privateKey: seal(secret, id, privateKey), activeFrom }, now);
  await retireOthers(tx, id, retirement(activeFrom));
  return id;
}
