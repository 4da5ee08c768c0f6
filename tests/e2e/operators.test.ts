import { until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { operate, operatorReads, operatorRemoves } from './operator.ts';
import { aCustomer, operatorBearer, signIn } from './people.ts';
import { gateway } from './storefront-client.ts';

/** A door for operators at each service that has one. */
const doors = ['/admin/audit', '/admin/products', '/admin/orders'];
const statusesFor = (auth: { bearer: string }) =>
  Promise.all(doors.map(async (door) => (await gateway.get(door, auth)).status));

interface Entry {
  act: string;
  actor: { role: string; id: string | null };
  subjectId: string;
  address: string | null;
  facts: Record<string, unknown>;
}

test('a role opens every service from the next login on, and closed is closed everywhere', async () => {
  const { customer, registration, auth } = await aCustomer();
  const login = async () => {
    const { status, body, text } = await signIn(registration.email, registration.password, registration.clientId);
    expect(status, text).toBe(201);
    return { bearer: body.tokens.accessToken };
  };
  expect(await statusesFor(auth)).toEqual([403, 403, 403]);
  await operate('put', `/admin/customers/${customer.id}/roles/operator`, undefined);
  const asOperator = await login();
  expect(await statusesFor(asOperator)).toEqual([200, 200, 200]);

  await operatorRemoves(`/admin/customers/${customer.id}/roles/operator`);
  await until(async () => (await statusesFor(asOperator)).every((status) => status === 401));
  expect((await gateway.put(`/admin/customers/${customer.id}/roles/operator`, undefined, asOperator)).status).toBe(401);
  expect(await statusesFor(await login())).toEqual([403, 403, 403]);
});

test('what operators did to somebody is found, newest first, page by page, with who and from where', async () => {
  const { customer } = await aCustomer();
  const path = `/admin/customers/${customer.id}`;
  const [{ sub }] = [JSON.parse(atob((await operatorBearer()).bearer.split('.')[1] as string)) as { sub: string }];
  await operatorReads(path);
  await operate('post', `${path}/block`, undefined);
  await operate('post', `${path}/unblock`, undefined);
  await operate('put', `${path}/roles/partner`, undefined);

  const entries: Entry[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ subject: customer.id, actor: sub, limit: '3', ...(cursor && { cursor }) });
    const page: { items: Entry[]; next: string | null } = await operatorReads(`/admin/audit?${query}`);
    entries.push(...page.items);
    cursor = page.next;
  }
  expect(entries.map(({ act }) => act)).toEqual([
    'role.granted',
    'customer.unblocked',
    'customer.blocked',
    'customer.read',
  ]);
  for (const { actor, subjectId, address } of entries) {
    expect([actor, subjectId]).toEqual([{ role: 'operator', id: sub }, customer.id]);
    expect(address).toMatch(/127\.0\.0\.1|::1/);
  }
});
