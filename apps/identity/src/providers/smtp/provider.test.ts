import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer } from '../../../test/builders.ts';
import { askForCode } from '../../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../../test/identity.ts';
import { aQueuedMessage, storyOf } from '../../../test/messages.ts';
import { startMailServer, type TestMailServer } from '../../../test/smtp-server.ts';
import { sendDueMessages } from '../../message/service.ts';
import { smtpProvider } from './provider.ts';

let mailServer: TestMailServer;
let identity: TestIdentity;
beforeAll(async () => {
  mailServer = await startMailServer();
  identity = await startIdentity({ SMTP_URL: mailServer.url, MAIL_FROM: 'Shop <shop@example.com>' });
});
beforeEach(async () => {
  await identity.deps.db.message.deleteMany();
  mailServer.mails.length = 0;
  mailServer.verdict = '250 ok';
  mailServer.judge = () => '250 2.0.0 Ok: queued as 4F1C22A0';
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

let addresses = 0;
const anAddress = () => `reader-${++addresses}@example.com`;
const aMail = () => aQueuedMessage(identity, { channel: 'email', recipient: anAddress() });
const work = () => sendDueMessages(identity.deps);

test('the server’s own name for a mail is kept', async () => {
  const recipient = await aMail();
  await work();
  expect(await storyOf(identity, recipient)).toMatchObject({
    message: { status: 'sent' },
    calls: [{ provider: 'smtp', outcome: 'taken', reference: '4F1C22A0', error: null }],
  });
});

describe('a server that', () => {
  test('knows no such mailbox is not asked again, and stays in use', async () => {
    mailServer.verdict = '550 5.1.1 no such mailbox';
    for (let n = 0; n < 6; n += 1) {
      const recipient = await aMail();
      await work();
      expect(await storyOf(identity, recipient)).toMatchObject({
        message: { status: 'failed', lastError: expect.stringContaining('550 5.1.1 no such mailbox') },
        calls: [{ outcome: 'refused' }],
      });
    }
  });

  test('wants some mailboxes later is not down for the others', async () => {
    mailServer.verdict = '451 4.7.1 greylisted';
    for (let n = 0; n < 6; n += 1) await aMail();
    await work();
    mailServer.verdict = '250 ok';
    const recipient = await aMail();
    await work();
    expect((await storyOf(identity, recipient)).message.status).toBe('sent');
  });

  test('hangs up on a whole mail gets it again, as the same one', async () => {
    mailServer.judge = () => null;
    const recipient = await aMail();
    await work();
    expect(await storyOf(identity, recipient)).toMatchObject({
      message: { status: 'queued' },
      calls: [{ outcome: 'in_doubt' }],
    });
    mailServer.judge = () => '250 ok';
    identity.runtime.clock.advance(10_000);
    await work();
    expect((await storyOf(identity, recipient)).message.status).toBe('sent');
    expect(new Set(mailServer.mails.map(({ source }) => headerOf(source, 'Message-ID'))).size).toBe(1);
    expect(mailServer.mails).toHaveLength(2);
  });

  test('never answers is waited for no longer than the mail keeps', async () => {
    mailServer.judge = () => undefined;
    const notAfter = new Date(identity.deps.clock().getTime() + 1_500);
    const recipient = await aQueuedMessage(identity, { channel: 'email', recipient: anAddress(), notAfter });
    await work(); // would take twenty seconds, and the test not so long
    expect(await storyOf(identity, recipient)).toMatchObject({
      message: { status: 'expired' },
      calls: [{ outcome: 'in_doubt', error: 'did not answer in time' }],
    });
  });

  test('repeats a mail does not bring its code or its address into row or log', async () => {
    let code = 'no code';
    mailServer.judge = (source) => {
      code = /\b\d{6}\b/.exec(source.slice(source.indexOf('\n\n')))?.[0] ?? code;
      return `554 5.7.1 spam: to ${recipient} code:${code}.`;
    };
    const { recipient } = await askForCode(identity, { channel: 'email', recipient: anAddress() });
    await work();
    const story = await storyOf(identity, recipient);
    expect(code).toMatch(/^\d{6}$/);
    expect(story.message.lastError).toContain('554 5.7.1 spam: to <recipient> code:<hidden>.');
    const kept = JSON.stringify([identity.runtime.logged, story.calls, { ...story.message, recipient: '' }]);
    expect(kept).not.toContain(code);
    expect(kept).not.toContain(recipient);
  });
});

test('a mail server that is not there has certainly sent nothing', async () => {
  const gone = await startMailServer();
  await gone.close();
  const provider = smtpProvider({ url: gone.url, from: 'shop@example.com' });
  const message = {
    id: 'x',
    channel: 'email',
    recipient: 'a@example.com',
    language: 'en',
    subject: 'Hello',
    text: 'Hi',
    html: null,
    notAfter: null,
  } as const;
  expect(await provider.send(message, { id: 'y', signal: AbortSignal.timeout(10_000) })).toEqual({
    outcome: 'later',
    reason: expect.stringContaining('ECONNREFUSED'),
  });
  provider.close();
});
