import { exchangeToken, tokenForms } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import { exchangeAppToken } from '../app-session/service.ts';
import type { Deps } from '../deps.ts';
import { exchangeKey } from '../service-account/exchange.ts';
import type { ExchangedToken } from '../session/exchanged-tokens.ts';
import { exchangeSiteToken } from '../site-session/service.ts';

/** A burst waits here, in short statements, rather than at the gateway's deadline. */
const maxInFlight = 256;

/** The gateway asks for each token now and then; whose it is shows in how it begins. */
export const answerTokenExchange = (deps: Deps, nats: Nats): Answering =>
  answer(nats, exchangeToken, ({ token }) => exchange(deps, token), { maxInFlight });

function exchange(deps: Deps, token: string): Promise<ExchangedToken> {
  if (tokenForms.site.test(token)) return exchangeSiteToken(deps, token);
  return tokenForms.key.test(token) ? exchangeKey(deps, token) : exchangeAppToken(deps, token);
}
