import { pendingOrderRefused, subscriptionChanged, subscriptionRenewalDue } from '@forecourt/contracts';
import { type Language, toMajorUnits } from '@forecourt/dialects';
import { consumer, type Heard, type SqlTx } from '@forecourt/messaging';
import { type Address, findAddresses } from '../customer/reach.ts';
import { type NewMessage, queueMessages } from './store.ts';

/** As the catalogue has it. */
interface Titled {
  readonly customerId: string;
  readonly title: { readonly uk: string; readonly ru: string | null; readonly en: string | null };
}

/** What is written; to whom, and in which language, is the same for all of them. */
type Note = Pick<NewMessage, 'kind' | 'facts' | 'dedupeKey' | 'now' | 'notAfter'>;

export const writeOnRenewalDue = consumer({
  event: subscriptionRenewalDue,
  durable: 'identity-write-on-renewal-due',
  handleMany: (tx: SqlTx, events) =>
    writeTo(tx, events, ({ subscriptionId, version, price, currency, renewsAt, timeZone, covered }, title, now) => ({
      kind: 'subscription_renewal',
      facts: {
        title,
        price: String(toMajorUnits(price, currency)),
        currency,
        renewsAt: renewsAt.toISOString(),
        timeZone,
        covered,
      },
      dedupeKey: `subscription_renewal:${subscriptionId}:${version}`,
      now,
      // Afterwards it has renewed, or has not, and that is told by itself.
      notAfter: renewsAt,
    })),
});

/** Told once for each end of what was paid for, however often the event of it changes. */
export const writeOnSubscriptionChanged = consumer({
  event: subscriptionChanged,
  durable: 'identity-write-on-subscription-changed',
  handleMany: (tx: SqlTx, events) =>
    writeTo(tx, events, ({ subscriptionId: id, state, reason, until, timeZone }, title, now): Note | null => {
      const end = until?.toISOString();
      if (state === 'unpaid' && reason === 'insufficient_balance') {
        return {
          kind: 'subscription_inactive',
          facts: { title },
          dedupeKey: `subscription_inactive:${id}:${end}`,
          now,
        };
      }
      if (state === 'active' && reason === 'paid' && end !== undefined) {
        const facts = { title, until: end, timeZone };
        return { kind: 'subscription_active', facts, dedupeKey: `subscription_active:${id}:${end}`, now };
      }
      if (state === 'ended' && toldEnds.has(reason)) {
        return { kind: 'subscription_ended', facts: { title }, dedupeKey: `subscription_ended:${id}`, now };
      }
      return null;
    }),
});

/** Those that the customer has not brought about. */
const toldEnds: ReadonlySet<string> = new Set(['not_offered', 'given_up', 'operator']);

export const writeOnPendingOrderRefused = consumer({
  event: pendingOrderRefused,
  durable: 'identity-write-on-pending-order-refused',
  handleMany: (tx: SqlTx, events) =>
    writeTo(tx, events, ({ pendingOrderId }, title, now) => ({
      kind: 'order_refused',
      facts: { title },
      dedupeKey: `order_refused:${pendingOrderId}`,
      now,
    })),
});

/** By SMS to a phone that was proved, else by mail, in the customer's language; to nobody who was erased. */
async function writeTo<Fact extends Titled>(
  tx: SqlTx,
  events: readonly Heard<Fact>[],
  noteOf: (fact: Fact, title: string, now: Date) => Note | null,
): Promise<void> {
  const addresses = await findAddresses(
    tx,
    events.map(({ data }) => data.customerId),
  );
  const messages = events.flatMap(({ data, meta }) => {
    const address = addresses.get(data.customerId);
    const to = address && lineTo(address);
    const note = to && noteOf(data, titleIn(data, address.language), meta.time);
    return note ? [{ ...note, ...to, language: address.language } as NewMessage] : [];
  });
  await queueMessages(tx, messages);
}

function lineTo({ phone, email }: Address) {
  if (phone !== null) return { channel: 'sms', recipient: phone } as const;
  return email === null ? undefined : ({ channel: 'email', recipient: email } as const);
}

/** The catalogue has three languages; its first is always there. */
function titleIn({ title }: Titled, language: Language): string {
  if (language === 'ru' || language === 'en') return title[language] ?? title.uk;
  return title.uk;
}
