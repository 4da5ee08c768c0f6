import { randomUUID } from 'node:crypto';
import { aPhone, codeTo } from './codes.ts';
import type { TestIdentity } from './identity.ts';

export interface CodeLogin {
  readonly id: string;
  readonly phone: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Signs in through the shop's door by a code; somebody new unless told. */
export async function aCodeLogin(
  identity: TestIdentity,
  { phone = aPhone(), clientId = randomUUID(), name }: { phone?: string; clientId?: string; name?: string } = {},
): Promise<CodeLogin> {
  const asked = await identity.call('POST', '/auth/request-code', { body: { phone, clientId } });
  if (asked.status !== 201) throw new Error(`no code was sent: ${asked.status} ${JSON.stringify(asked.body)}`);
  const code = await codeTo(identity, phone);
  const { requestId } = asked.body;
  const body = { phone, clientId, requestId, code, ...(name !== undefined && { name }) };
  const answer = await identity.call('POST', '/auth/verify-code', { body });
  if (answer.status !== 201) throw new Error(`not signed in: ${answer.status} ${JSON.stringify(answer.body)}`);
  const { accessToken, refreshToken } = answer.body.tokens;
  return { id: answer.body.customer.id, phone, clientId, accessToken, refreshToken };
}
