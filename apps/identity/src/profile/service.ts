import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import { type Customer, changePhone, changeProfile, type ProfileChange } from '../customer/customer.ts';
import { lockCustomer, saveAndTell } from '../customer/service.ts';
import { type Db, getCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { noteEmailChanged, notePhoneChanged } from '../message/notices.ts';
import type { Secrets } from '../secret.ts';
import { takeAttempt } from '../throttle/store.ts';
import { policies, throttleKey } from '../throttle/throttle.ts';

/** Only what is named changes, so that of two changes at once each keeps its own. */
export async function editProfile(
  deps: Deps,
  customerId: string,
  change: ProfileChange,
  actor: Actor,
): Promise<Customer> {
  const { email } = change;
  if (email !== undefined) await countNewContact(deps, customerId, 'email', email);
  return edit(deps, customerId, actor, (customer, now) => changeProfile(customer, change, now));
}

/** Nothing proves the new number to be theirs until they do so by a code. */
export async function replacePhone(deps: Deps, customerId: string, phone: string, actor: Actor): Promise<Customer> {
  await countNewContact(deps, customerId, 'phone', phone);
  return edit(deps, customerId, actor, (customer, now) => changePhone(customer, phone, now));
}

const edit = (
  { db, clock }: Deps,
  customerId: string,
  actor: Actor,
  rule: (customer: Customer, now: Date) => Customer,
): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    const customer = rule(before, clock());
    if (customer === before) return before;

    await saveAndTell(tx, customer);
    await writeDown(tx, before, customer, actor);
    await noteEmailChanged(tx, before, customer);
    await notePhoneChanged(tx, before, customer);
    return customer;
  });

/** What somebody says of themselves, by the names of the fields; what they said is nobody's business. */
const told = ['name', 'firstName', 'middleName', 'lastName', 'birthday', 'sex', 'additionalInfo'] as const;

async function writeDown(tx: Db, before: Customer, after: Customer, actor: Actor): Promise<void> {
  const act = { actor, subjectId: after.id, at: after.updatedAt };
  const fields = told.filter((field) => before[field] !== after[field]);
  if (fields.length > 0) await recordAct(tx, { ...act, act: 'profile.changed', facts: { fields } });
  if (before.email !== after.email) await recordAct(tx, { ...act, act: 'email.changed' });
  if (before.phone !== after.phone) await recordAct(tx, { ...act, act: 'phone.changed' });
}

/**
 * Nothing proves an address or number to be theirs: changing to it and away again writes to whoever has it, and a 409
 * tells of them.
 */
export async function countNewContact(
  { db, database, clock, secrets }: Deps,
  customerId: string,
  kind: 'email' | 'phone',
  wish: string,
): Promise<void> {
  const customer = await getCustomer(db, customerId);
  if (customer[kind] === wish) return;
  const key = newContactKey(secrets, kind, customerId);
  await takeAttempt(database, clock(), [{ key, policy: policies.newContact.account }], 'too_many_requests');
}

const newContactKey = ({ throttleKeys }: Secrets, kind: 'email' | 'phone', customerId: string): string =>
  throttleKey(throttleKeys, `new-${kind}`, customerId);

export const newContactKeys = (secrets: Secrets, customerId: string): string[] =>
  (['email', 'phone'] as const).map((kind) => newContactKey(secrets, kind, customerId));
