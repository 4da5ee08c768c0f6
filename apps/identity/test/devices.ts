import { createHmac, randomInt } from 'node:crypto';
import type { exchangeCredential } from '@forecourt/contracts';
import type { z } from 'zod';
import { openDevice } from '../src/device/service.ts';
import type { TestIdentity } from './identity.ts';

export interface TestDevice {
  readonly sessionId: string;
  readonly key: string;
  readonly profileId: string;
  readonly customerId: string;
  readonly customerNumber: bigint;
}

let made = 0;

export async function anAppProfile(
  { deps }: Pick<TestIdentity, 'deps'>,
  wishes: { blocked?: boolean } = {},
): Promise<string> {
  made += 1;
  const [id, now] = [`profile-${made}`, deps.clock()];
  const data = { id, name: `App ${made}`, region: 'RU', codeDigits: 6, createdAt: now, updatedAt: now };
  await deps.db.appProfile.create({ data: { ...data, blockedAt: wishes.blocked ? now : null } });
  return id;
}

export async function aDevice(
  identity: Pick<TestIdentity, 'deps'>,
  { id: customerId }: { id: string },
  wishes: { profileId?: string } = {},
): Promise<TestDevice> {
  const { deps } = identity;
  const profileId = wishes.profileId ?? (await anAppProfile(identity));
  const visit = { clientId: null, address: '203.0.113.7', userAgent: 'okhttp/4.12' };
  const { number } = await deps.db.customer.findUniqueOrThrow({ where: { id: customerId } });
  const opened = await deps.database.transaction((tx) =>
    openDevice(tx, deps, { customerId, profileId, visit, now: deps.clock() }),
  );
  return { ...opened, profileId, customerId, customerNumber: number };
}

type SignedRequest = z.output<typeof exchangeCredential.request>;

interface Wishes extends Partial<SignedRequest> {
  nonce?: string;
  /** The date that goes into the digest, when it is another than the one that is sent. */
  signedDate?: string;
  at?: Date;
}

/** As an app signs it: a question for the exchange, of a new nonce unless told. */
export function signed(
  { key, customerNumber, profileId }: Pick<TestDevice, 'key' | 'customerNumber' | 'profileId'>,
  wishes: Wishes & { at: Date },
): SignedRequest {
  const { method = 'GET', path = '/me', nonce = String(randomInt(2 ** 47)), at, profile = profileId } = wishes;
  const date = wishes.date ?? at.toUTCString();
  const digest = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(method + path + (wishes.signedDate ?? date) + nonce)
    .digest('base64');
  return { method, path, date, authentication: `hmac ${customerNumber}:${nonce}:${digest}`, profile };
}
