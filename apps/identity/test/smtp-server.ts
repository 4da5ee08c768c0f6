import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface TestMailServer {
  readonly url: string;
  readonly mails: { from: string; to: string; source: string }[];
  /** What the server says to RCPT TO, until told otherwise. */
  verdict: string;
  /** What it says to a whole mail, until told otherwise. null: it hangs up. undefined: it never says anything. */
  judge(source: string): string | null | undefined;
  close(): Promise<void>;
}

/** As much of RFC 5321 as a client needs that only sends. */
export async function startMailServer(): Promise<TestMailServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = '';
    let mail = { from: '', to: '', source: '' };
    let inData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 mail.test ESMTP');
    const hear = (line: string) => {
      if (inData) {
        if (line !== '.') {
          mail.source += `${line}\n`;
          return;
        }
        inData = false;
        mailServer.mails.push(mail);
        const judgement = mailServer.judge(mail.source);
        mail = { from: '', to: '', source: '' };
        if (judgement === null) socket.destroy();
        else if (judgement !== undefined) say(judgement);
      } else if (line.startsWith('EHLO')) say('250 mail.test');
      else if (line.startsWith('MAIL FROM')) {
        mail.from = line;
        say('250 ok');
      } else if (line.startsWith('RCPT TO')) {
        mail.to = line;
        say(mailServer.verdict);
      } else if (line === 'DATA') {
        inData = true;
        say('354 go on');
      } else say('250 ok');
    };
    socket.setEncoding('utf8').on('data', (chunk) => {
      const lines = (pending + chunk).split('\r\n');
      pending = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mailServer: TestMailServer = {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails: [],
    verdict: '250 ok',
    judge: () => '250 2.0.0 Ok: queued as 4F1C22A0',
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return mailServer;
}
