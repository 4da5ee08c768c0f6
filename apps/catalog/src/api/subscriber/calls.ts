import { type Language, SubscriberAnswer, succeeded, toMajorUnits } from '@forecourt/dialects';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { CallRate, RateLanguage } from '../../call-rate/call-rate.ts';
import { callRatesThing, ratesNow } from '../../call-rate/service.ts';
import type { Deps } from '../../deps.ts';
import { answerKept } from '../kept.ts';
import { bytesOf } from '../storefront-bodies.ts';

const RateBody = z.object({
  price: z.number().meta({ description: 'A minute, in major units.' }),
  code: z.string().meta({ description: 'What is dialled before the own number, in digits.' }),
});
const CityBody = z.object({ name: z.string(), home: RateBody, mobilePhone: RateBody }).meta({ id: 'CallDestination' });

/** Rates are written in these; whoever asks for another language reads Georgian. */
const rateLanguage = (language: Language): RateLanguage => (language === 'en' || language === 'ru' ? language : 'ka');

export const callRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    app.get('/calls', {
      schema: {
        operationId: 'listCallRates',
        summary: 'What a minute of a call abroad costs, by destination',
        tags: ['Calls'],
        querystring: z.strictObject({}),
        response: { 200: SubscriberAnswer(z.object({ cities: z.array(CityBody) })) },
      },
      handler: (request, reply) => {
        const language = rateLanguage(request.language);
        return answerKept(deps, request, reply, JSON.stringify(['/calls', language]), async () => {
          const { rates, until } = await ratesNow(deps);
          const cities = byName(rates, language).map((rate) => toCityBody(rate, language, deps.currency));
          const body = bytesOf(String(reply.serialize(succeeded({ cities }))));
          return { body, goodUntil: until, about: callRatesThing };
        });
      },
    });
  };

function byName(rates: readonly CallRate[], language: RateLanguage): CallRate[] {
  const { compare } = new Intl.Collator(language);
  return [...rates].sort((a, b) => compare(a.name[language], b.name[language]));
}

const toCityBody = ({ name, home, mobile }: CallRate, language: RateLanguage, currency: string) => ({
  name: name[language],
  home: { price: toMajorUnits(home.price, currency), code: home.code },
  mobilePhone: { price: toMajorUnits(mobile.price, currency), code: mobile.code },
});
