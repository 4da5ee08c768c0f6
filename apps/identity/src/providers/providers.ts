import type { Clock, Database } from '@forecourt/service-kit';
import { type Breaker, createBreaker } from '../message/breaker.ts';
import type { Channel } from '../message/message.ts';
import type { Provider, Providers } from '../message/provider.ts';
import { developmentProvider } from './development/provider.ts';
import { httpGateway } from './http-gateway/provider.ts';
import type { MessageProviderSettings } from './settings.ts';
import { smtpProvider } from './smtp/provider.ts';
import { twilio } from './twilio/provider.ts';

interface Settings {
  readonly NODE_ENV: string;
  readonly SMTP_URL?: string | undefined;
  readonly MAIL_FROM: string;
  readonly MESSAGE_PROVIDERS: MessageProviderSettings;
}

const channels: readonly Channel[] = ['email', 'sms', 'voice'];

/** Who sends what, in order of preference. Outside of production a channel that nobody serves goes to the outbox. */
export function createProviders(settings: Settings, database: Database, clock: Clock): Providers {
  const { NODE_ENV, SMTP_URL: url, MAIL_FROM: from, MESSAGE_PROVIDERS } = settings;
  const named = MESSAGE_PROVIDERS.map((wish) => ({
    serves: wish.channels as readonly Channel[],
    provider: wish.kind === 'http' ? httpGateway(wish) : twilio(wish, clock),
  }));
  const email = url === undefined ? [] : [{ serves: ['email'] as const, provider: smtpProvider({ url, from }) }];
  const all = [...email, ...named] as readonly { serves: readonly Channel[]; provider: Provider }[];
  const fallback = NODE_ENV === 'production' ? [] : [developmentProvider(database, clock)];
  return Object.fromEntries(
    channels.map((channel) => {
      const serving = all.filter(({ serves }) => serves.includes(channel)).map(({ provider }) => provider);
      return [channel, serving.length > 0 ? serving : fallback];
    }),
  );
}

const everyOne = (providers: Providers): readonly Provider[] => [...new Set(Object.values(providers).flat())];

/** One for each provider, whichever channels it serves. */
export const breakersOf = (providers: Providers, clock: Clock): ReadonlyMap<Provider, Breaker> =>
  new Map(everyOne(providers).map((provider) => [provider, createBreaker(clock)]));

export function closeProviders(providers: Providers): void {
  for (const provider of everyOne(providers)) provider.close();
}
