import { until } from '@forecourt/testing';
import { startAnotherIdentity } from './another-identity.ts';
import { type Person, signIn } from './people.ts';
import { gateway } from './storefront-client.ts';

/** A second process of the system's identity, whose access tokens live for one second. */
export interface HastyIdentity {
  /** A token of this customer that was good and has expired, as the gateway's own answer shows. */
  expiredTokenOf(person: Person): Promise<string>;
  stop(): Promise<void>;
}

export async function startHastyIdentity(): Promise<HastyIdentity> {
  const { client, stop } = await startAnotherIdentity({ ACCESS_TOKEN_SECONDS: '1' });
  return {
    expiredTokenOf: async ({ registration: { email, password, clientId } }) => {
      const { body } = await signIn(email, password, clientId, client);
      const bearer = body.tokens.accessToken;
      await until(async () => (await gateway.get('/me', { bearer })).status === 401);
      return bearer;
    },
    stop,
  };
}
