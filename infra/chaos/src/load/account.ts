import { setTimeout as sleep } from 'node:timers/promises';
import { anybodyHere, type Crowd, patienceMs } from './crowd.ts';
import { learnSession, type Person, type Session, sessionFrom, somebody, tokensOf } from './person.ts';

export async function register(crowd: Crowd): Promise<void> {
  const person = somebody(crowd.nextNumber(), crowd.random);
  const { phone, email, password, clientId } = person;
  const operation = await crowd.client.call({
    kind: 'register',
    method: 'POST',
    path: '/auth/register',
    body: { phone, email, password, clientId },
    learn: learnSession,
    timeoutMs: patienceMs(crowd),
  });
  const session = sessionFrom(operation);
  if (!session || !operation.about.customerId) return;
  person.customerId = operation.about.customerId;
  person.sessions.push(session);
  crowd.customers.push(person);
}

export async function logIn(crowd: Crowd): Promise<void> {
  if (crowd.customers.length === 0) return;
  const person = crowd.random.pick(crowd.customers);
  const operation = await crowd.client.call({
    kind: 'login',
    method: 'POST',
    path: '/auth/login',
    about: aboutWhom(person),
    body: { login: person.email, password: person.password, clientId: person.clientId },
    learn: learnSession,
    timeoutMs: patienceMs(crowd),
  });
  const session = sessionFrom(operation);
  if (session) person.sessions.push(session);
}

/** A third of the time with the same token twice at once, as two tabs of a browser do. */
export async function refresh(crowd: Crowd): Promise<void> {
  const here = anybodyHere(crowd);
  if (!here || here.session.refreshing) return;
  const { person, session } = here;
  const { refreshToken } = session;
  session.refreshing = true;
  const once = () =>
    crowd.client.call({
      kind: 'refresh',
      method: 'POST',
      path: '/auth/refresh',
      about: { ...aboutWhom(person), session: session.id, refreshToken },
      body: { refreshToken },
      timeoutMs: patienceMs(crowd),
    });
  const answers = await Promise.all(crowd.random.chance(1 / 3) ? [once(), once()] : [once()]);
  let tokens = answers.flatMap((answer) => (answer.outcome === 'ok' ? (tokensOf(answer) ?? []) : [])).at(-1);
  for (let tries = 0; !tokens && tries < 4 && answers.every(isUnknown) && !crowd.over.signal.aborted; tries++) {
    await sleep(500);
    const again = await once();
    if (again.outcome === 'ok') tokens = tokensOf(again);
    else if (!isUnknown(again)) break;
  }
  // What is not known to live is given up, as a browser would ask for the password again.
  if (tokens) Object.assign(session, tokens);
  else session.over = true;
  session.refreshing = false;
  if (tokens && crowd.random.chance(0.06)) await stealAndUse(crowd, person, session, refreshToken);
}

/** A spent token that comes back after its grace: somebody stole it, and the whole session must end. */
async function stealAndUse(crowd: Crowd, person: Person, session: Session, spent: string): Promise<void> {
  await sleep(graceMs, undefined, { signal: crowd.over.signal }).catch(() => {});
  if (crowd.over.signal.aborted) return;
  session.over = true;
  for (const refreshToken of [spent, session.refreshToken]) {
    await crowd.client.call({
      kind: 'refresh',
      method: 'POST',
      path: '/auth/refresh',
      about: { ...aboutWhom(person), session: session.id, refreshToken },
      body: { refreshToken },
      timeoutMs: patienceMs(crowd),
    });
  }
}

const graceMs = 31_000;

export async function whoAmI(crowd: Crowd): Promise<void> {
  const here = anybodyHere(crowd);
  if (here) await show(crowd, here.person, here.session, 'whoami');
}

export async function listOrders(crowd: Crowd): Promise<void> {
  const here = anybodyHere(crowd);
  if (here) await show(crowd, here.person, here.session, 'list-orders');
}

/** Somebody leaves, and somebody else goes on trying with the tokens that they left behind. */
export async function logOut(crowd: Crowd): Promise<void> {
  const here = anybodyHere(crowd);
  if (!here || here.session.refreshing) return;
  const { person, session } = here;
  session.over = true;
  const leave = () =>
    crowd.client.call({
      kind: 'logout',
      method: 'POST',
      path: '/auth/logout',
      about: { ...aboutWhom(person), session: session.id },
      token: session.accessToken,
      timeoutMs: patienceMs(crowd),
    });
  for (let tries = 0; tries < 4 && isUnknown(await leave()) && !crowd.over.signal.aborted; tries++) await sleep(500);
  for (const waitMs of [1100, 500, 1500, 3000, 6000]) {
    await sleep(waitMs, undefined, { signal: crowd.over.signal }).catch(() => {});
    await Promise.all([show(crowd, person, session, 'whoami'), show(crowd, person, session, 'list-orders')]);
    if (crowd.over.signal.aborted) return;
  }
}

async function show(crowd: Crowd, person: Person, session: Session, kind: 'whoami' | 'list-orders'): Promise<void> {
  await crowd.client.call({
    kind,
    method: 'GET',
    path: kind === 'whoami' ? '/me' : '/me/orders?limit=5',
    about: { ...aboutWhom(person), session: session.id },
    token: session.accessToken,
    timeoutMs: patienceMs(crowd),
  });
}

const isUnknown = ({ outcome }: { outcome: string }) => outcome === 'unknown';

const aboutWhom = ({ customerId }: Person) => (customerId === undefined ? {} : { customerId });
