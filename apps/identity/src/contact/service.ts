import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import { acceptCode, type IssuedCode, issueCode } from '../code/service.ts';
import { findRequest } from '../code/store.ts';
import type { Customer } from '../customer/customer.ts';
import { lockCustomer, saveAndTell, tellPhoneVerified } from '../customer/service.ts';
import { type Db, findIdByContact, getCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { noteContactLost, noteEmailChanged, notePhoneChanged } from '../message/notices.ts';
import { assertOwner } from '../owner/service.ts';
import { countNewContact } from '../profile/service.ts';
import { type Contact, isProved, prove, yieldContact } from './contact.ts';

const purposeOf = { phone: 'phone_change', email: 'email_change' } as const;

export interface NewContact {
  readonly customerId: string;
  readonly sessionId: string;
  readonly contact: Contact;
  /** null: the one that the account has. */
  readonly value: string | null;
  readonly channel: 'sms' | 'voice' | 'email';
  readonly password: string | undefined;
  readonly language: Language;
  readonly address: string;
}

/**
 * Sends a code to what the customer says is theirs. Whether somebody else has it is only told to whoever reads the code.
 * Only for something new must it be the owner who asks: to prove what the account has already gives nobody anything.
 */
export async function askForContact(deps: Deps, wish: NewContact): Promise<IssuedCode> {
  const { customerId, contact, channel, language, address } = wish;
  const customer = await getCustomer(deps.db, customerId);
  const recipient = wish.value ?? customer[contact];
  if (recipient === null) {
    throw new AppError('validation_failed', `There is no ${contact} to prove yet.`, {
      violations: [{ path: [contact], rule: 'required' }],
    });
  }
  if (recipient !== customer[contact]) {
    await assertOwner(deps, wish);
    await countNewContact(deps, customerId, contact, recipient);
  } else if (isProved(customer, contact)) {
    throw new AppError('already_confirmed', `The ${contact} is proved already.`);
  }
  return issueCode(deps, { purpose: purposeOf[contact], channel, recipient, language, address, customerId });
}

export interface Confirmation {
  readonly customerId: string;
  readonly contact: Contact;
  readonly requestId: string;
  readonly code: string;
  readonly actor: Actor;
}

/** From here on the customer has what the code went to, proved. Whoever had it without a proof is told that they lost it. */
export async function confirmContact(
  deps: Deps,
  { customerId, contact, requestId, code, actor }: Confirmation,
): Promise<Customer> {
  const request = await findRequest(deps.db, { requestId });
  if (request?.customerId !== customerId) {
    throw new AppError('code_request_unknown', 'There is no such request any more.');
  }
  return acceptCode(deps, { requestId }, { code, purposes: [purposeOf[contact]] }, (tx, { recipient }) =>
    takeContact(tx, { customerId, contact, value: recipient, actor, now: deps.clock() }),
  );
}

interface Taking {
  readonly customerId: string;
  readonly contact: Contact;
  readonly value: string;
  readonly actor: Actor;
  readonly now: Date;
}

async function takeContact(tx: Db, { customerId, contact, value, actor, now }: Taking): Promise<Customer> {
  const { before, holder } = await lockBoth(tx, { customerId, contact, value });
  if (holder) await takeFrom(tx, holder, contact, now);

  const after = prove(before, contact, value, now);
  if (after === before) return before;
  await saveAndTell(tx, after);
  const act = { actor, subjectId: customerId, at: now };
  if (before[contact] !== value) await recordAct(tx, { ...act, act: `${contact}.changed` });
  await recordAct(tx, { ...act, act: `${contact}.proved` });
  await noteEmailChanged(tx, before, after);
  await notePhoneChanged(tx, before, after);
  return contact === 'phone' ? tellPhoneVerified(tx, after) : after;
}

/**
 * Two who prove one phone at once come one after the other; and whoever else takes two customers' locks takes them in
 * the order of their ids, too.
 */
async function lockBoth(
  tx: Db,
  { customerId, contact, value }: Pick<Taking, 'customerId' | 'contact' | 'value'>,
): Promise<{ before: Customer; holder: Customer | null }> {
  await lockAggregate(tx, contact, value);
  const holderId = await findIdByContact(tx, contact === 'phone' ? { phone: value } : { email: value });
  const ids = [...new Set([customerId, holderId ?? customerId])].sort();
  const locked = new Map<string, Customer>();
  for (const id of ids) locked.set(id, await lockCustomer(tx, id));
  const holder = holderId === null || holderId === customerId ? null : (locked.get(holderId) ?? null);
  return {
    before: locked.get(customerId) as Customer,
    // They may have given it up before we had their lock.
    holder: holder?.[contact] === value ? holder : null,
  };
}

/** Under the holder's lock. */
export async function takeFrom(tx: Db, holder: Customer, contact: Contact, now: Date): Promise<void> {
  const after = yieldContact(holder, contact, now);
  await saveAndTell(tx, after);
  await recordAct(tx, {
    act: `${contact}.changed`,
    actor: { role: 'system' },
    subjectId: holder.id,
    facts: { reason: 'proved_by_another' },
    at: now,
  });
  await noteContactLost(tx, contact, after);
}
