import { z } from 'zod';
import { HttpGatewaySettings } from './http-gateway/settings.ts';
import { TwilioSettings } from './twilio/settings.ts';

const Settings = z
  .array(z.discriminatedUnion('kind', [HttpGatewaySettings, TwilioSettings]))
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two providers have one name')
  .refine(
    (all) => all.every(({ name }) => name !== 'smtp' && name !== 'development'),
    'a name is taken: smtp, development',
  );
export type MessageProviderSettings = z.output<typeof Settings>;

/** A JSON array. What is wrong with it is told by place, never by value: there are secrets in it. */
export const MessageProviders = z.string().transform((text, context): MessageProviderSettings => {
  const complain = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return complain('is no JSON');
  }
  const { data, error } = Settings.safeParse(json);
  if (data) return data;
  for (const { path, message } of error.issues) complain(`${placeOf(path)}${message}`);
  return z.NEVER;
});

/** `[1].url: ` */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? ''
    : `${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}: `;
