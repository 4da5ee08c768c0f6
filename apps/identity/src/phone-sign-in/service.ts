import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import { takeFrom } from '../contact/service.ts';
import type { Customer, Profile } from '../customer/customer.ts';
import { draftCustomer, saveAndTell, tellPhoneVerified, tellRegistered } from '../customer/service.ts';
import { type Db, findCredentials, findIdByContact, insertCustomer } from '../customer/store.ts';
import { notePhoneProved } from '../message/notices.ts';
import { endAllSessions } from '../session/service.ts';
import { claim, standingOf, welcome } from './phone-sign-in.ts';
import { dropPassword, noteLogin } from './store.ts';

/** Somebody has proved by a code that they read what is sent to this phone. */
export interface PhoneProof {
  /** E.164. */
  readonly phone: string;
  /** What they said about themselves when they asked for the code. */
  readonly profile: Partial<Profile>;
  /** Who recommended us to them; kept for whoever is new. */
  readonly referralCode: string | null;
  readonly language: Language;
  /** The browser that it came from, if it did from one. */
  readonly clientId?: string;
  /** The network address that the proof came from. */
  readonly address: string;
  readonly now: Date;
}

export interface PhoneSignIn {
  readonly customer: Customer;
  /** They had no account before. */
  readonly made: boolean;
}

/**
 * The customer who owns this phone, in the transaction that accepts the code; it opens the session or device itself. Two
 * proofs of one phone at once come one after the other. A registration elsewhere does not wait for that: it wins, and its
 * account is the one that is found, or it is told that the phone is taken.
 */
export async function findOrMakeByPhone(tx: Db, proof: PhoneProof): Promise<PhoneSignIn> {
  const { phone, now } = proof;
  await lockAggregate(tx, 'phone', phone);
  for (;;) {
    const holder = await lockHolder(tx, phone);
    if (holder === null) {
      const customer = await make(tx, proof);
      if (customer) return { customer, made: true };
    } else if (standingOf(holder) === 'staffs') {
      await takeFrom(tx, holder, 'phone', now);
    } else {
      if (holder.blockedAt) throw new AppError('account_blocked', 'This account is blocked.');
      const customer =
        standingOf(holder) === 'yours' ? await greet(tx, holder, proof) : await takeOver(tx, holder, proof);
      await noteLogin(tx, customer.id, now);
      return { customer: { ...customer, lastLoginAt: now }, made: false };
    }
  }
}

/** null: nobody has this phone, or its holder gave it up before we had their lock. */
async function lockHolder(tx: Db, phone: string): Promise<Customer | null> {
  const id = await findIdByContact(tx, { phone });
  if (id === null) return null;
  await lockAggregate(tx, 'customer', id);
  const found = await findCredentials(tx, { id });
  return found?.customer.phone === phone ? found.customer : null;
}

/** null: somebody registered with this phone in this very moment. */
async function make(tx: Db, proof: PhoneProof): Promise<Customer | null> {
  const { phone, profile, referralCode, language, clientId = null, now } = proof;
  const facts = { ...profile, phone, phoneVerifiedAt: now, referralCode, language, lastLoginAt: now };
  const draft = draftCustomer(facts, now);
  await lockAggregate(tx, 'customer', draft.id);
  const customer = await insertCustomer(tx, draft);
  if (!customer) return null;

  await tellRegistered(tx, customer, clientId);
  await recordProof(tx, customer, proof, {});
  return tellPhoneVerified(tx, customer);
}

async function greet(tx: Db, before: Customer, { profile, now }: PhoneProof): Promise<Customer> {
  const customer = welcome(before, profile, now);
  if (customer !== before) await saveAndTell(tx, customer);
  return customer;
}

/** Whatever the account could be opened with before opens it no more. */
async function takeOver(tx: Db, before: Customer, proof: PhoneProof): Promise<Customer> {
  const { phone, profile, now } = proof;
  const customer = claim(before, phone, profile, now);
  await saveAndTell(tx, customer);
  await dropPassword(tx, customer.id);
  const sessions = await endAllSessions(tx, customer.id, 'phone_proved', now);
  await recordProof(tx, customer, proof, { sessions });
  await notePhoneProved(tx, customer);
  return tellPhoneVerified(tx, customer);
}

function recordProof(
  tx: Db,
  { id }: Customer,
  { address, now }: PhoneProof,
  facts: Readonly<Record<string, number>>,
): Promise<void> {
  const actor: Actor = { role: 'customer', id, address };
  return recordAct(tx, { act: 'phone.proved', actor, subjectId: id, facts, at: now });
}
