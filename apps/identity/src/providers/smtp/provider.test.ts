import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCustomer } from '../../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../../test/identity.ts';
import { startMailServer, type TestMailServer } from '../../../test/smtp-server.ts';

let mailServer: TestMailServer;
let identity: TestIdentity;
beforeAll(async () => {
  mailServer = await startMailServer();
  identity = await startIdentity({ SMTP_URL: mailServer.url, MAIL_FROM: 'Shop <shop@example.com>' });
});
afterAll(async () => {
  await identity.close();
  await mailServer.close();
});

const forgot = (email: string) => identity.call('POST', '/auth/forgot-password', { body: { email } });
const headerOf = (source: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(source)?.[1];

test('a mail goes out by SMTP, from our address, in two forms, and not to the development outbox', async () => {
  const { email } = await aCustomer(identity);
  await forgot(email);
  expect(await identity.mailTo(email)).toEqual([]);
  const mail = mailServer.mails.at(-1);
  expect(mail).toMatchObject({ from: 'MAIL FROM:<shop@example.com>', to: `RCPT TO:<${email}>` });
  expect(headerOf(mail?.source ?? '', 'From')).toBe('Shop <shop@example.com>');
  expect(headerOf(mail?.source ?? '', 'Auto-Submitted')).toBe('auto-generated');
  expect(mail?.source).toContain('text/plain');
  expect(mail?.source).toContain('text/html');
});

test('a mail that is refused for now goes out later, under the same Message-ID', async () => {
  const { email } = await aCustomer(identity);
  await forgot(email);
  const before = mailServer.mails.length;
  mailServer.verdict = '451 come back later';
  await identity.mailTo(email);
  expect(mailServer.mails).toHaveLength(before);
  const waiting = await identity.deps.db.message.findFirstOrThrow({ where: { recipient: email } });
  expect(waiting).toMatchObject({ status: 'queued', lastError: expect.stringContaining('451') });

  mailServer.verdict = '250 ok';
  identity.runtime.clock.advance(10_000);
  await identity.mailTo(email);
  expect(headerOf(mailServer.mails.at(-1)?.source ?? '', 'Message-ID')).toBe(`<${waiting.id}@127.0.0.1>`);
});

test('an address cannot smuggle a second recipient or header in', async () => {
  const { body } = await identity.call('POST', '/auth/forgot-password', {
    body: { email: 'a@example.com,b@example.com' },
  });
  expect(body.message).toEqual(['email must be an email']);
  const [smtp] = identity.deps.providers.email ?? [];
  const message = {
    id: 'x',
    channel: 'email',
    recipient: 'a@example.com',
    language: 'en',
    subject: 'Hello\r\nBcc: c@example.com',
    text: 'Hi',
    html: null,
    notAfter: null,
  } as const;
  await smtp?.send(message, { id: 'y', signal: AbortSignal.timeout(10_000) });
  const { source, to } = mailServer.mails.at(-1) ?? { source: '', to: '' };
  expect(to).toBe('RCPT TO:<a@example.com>');
  expect(headerOf(source, 'Bcc')).toBeUndefined();
});
