import { type Language, languages } from '@forecourt/dialects';
import { z } from 'zod';
import { providerName } from '../http-gateway/settings.ts';

const sid = (prefix: string) => z.string().regex(new RegExp(`^${prefix}[0-9a-f]{32}$`, 'i'), `is not like ${prefix}…`);
const phone = /^\+[1-9]\d{4,14}$/;

const Voice = z.strictObject({ language: z.string().min(2).max(20), voice: z.string().max(60).optional() });

type Voices = Readonly<Partial<Record<Language, z.output<typeof Voice>>>>;

/** Twilio reads neither Georgian nor Mongolian: those hear English, unless a voice is named for them here. */
const usualVoices: Voices = {
  uk: { language: 'uk-UA', voice: 'Google.uk-UA-Standard-A' },
  ru: { language: 'ru-RU' },
  en: { language: 'en-US' },
};

export const TwilioSettings = z
  .strictObject({
    kind: z.literal('twilio'),
    name: providerName.default('twilio'),
    channels: z.array(z.enum(['sms', 'voice'])).min(1),
    accountSid: sid('AC'),
    /** Either the account's own token, or an API key with its secret. */
    authToken: z.string().min(1).optional(),
    apiKeySid: sid('SK').optional(),
    apiKeySecret: z.string().min(1).optional(),
    /** A number of ours, or for SMS alone a name. */
    from: z
      .string()
      .regex(/^(\+[1-9]\d{4,14}|[A-Za-z0-9 ]{1,11})$/, 'is neither a phone nor a name')
      .optional(),
    messagingServiceSid: sid('MG').optional(),
    voices: z.partialRecord(z.enum(languages), Voice).default({}),
    /** Another one for an account in another region. */
    apiUrl: z.url({ protocol: /^https?$/ }).default('https://api.twilio.com'),
    timeoutSeconds: z.number().min(1).max(30).default(10),
    atOnce: z.int().min(1).max(50).default(10),
  })
  .superRefine(({ channels, from, messagingServiceSid, authToken, apiKeySid, apiKeySecret }, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (channels.includes('voice') && !phone.test(from ?? '')) complain('from', 'must be a phone, for voice');
    if (channels.includes('sms') && from === undefined && messagingServiceSid === undefined) {
      complain('from', 'is missing, and messagingServiceSid as well');
    }
    const keyed = apiKeySid !== undefined && apiKeySecret !== undefined;
    if ((authToken !== undefined) === keyed) complain('authToken', 'is needed, or else apiKeySid and apiKeySecret');
  })
  .transform(({ voices, ...settings }) => ({ ...settings, voices: { ...usualVoices, ...voices } as Voices }));
export type TwilioSettings = z.output<typeof TwilioSettings>;
