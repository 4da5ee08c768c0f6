import { connect } from 'node:net';
import { firstOf } from './nats.ts';

const patienceMs = 5000;

/** Removes streams, whether they are there or not. What cannot be removed is left, with the room that it has reserved. */
export async function removeStreams(natsUrl: string, names: readonly string[]): Promise<void> {
  await askJetStream(
    natsUrl,
    names.map((name) => `STREAM.DELETE.${name}`),
  );
}

/** The replies, as they came in `patienceMs`. In the protocol's own few words: a start needs no NATS client. */
export function askJetStream(natsUrl: string, questions: readonly string[]): Promise<string[]> {
  const { hostname, port, username, password } = firstOf(natsUrl);
  const [user = '', pass = ''] = [username, password].map(decodeURIComponent);
  const credentials = user === '' ? {} : pass === '' ? { auth_token: user } : { user, pass };
  const inbox = `_INBOX.${process.pid}.${Date.now()}`;
  const words = [
    `CONNECT ${JSON.stringify({ verbose: false, lang: 'node', version: '0', protocol: 1, ...credentials })}`,
    `SUB ${inbox} 1`,
    ...questions.map((question) => `PUB $JS.API.${question} ${inbox} 0\r\n`),
  ];
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 4222), timeout: patienceMs });
    let heard = '';
    const replies = () => [...heard.matchAll(/MSG [^\r]+\r\n([^\r]*)\r\n/g)].map(([, body = '']) => body);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      if (heard === '') socket.write(`${words.join('\r\n')}\r\n`);
      heard += chunk;
      if (replies().length === questions.length) socket.destroy();
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(replies()));
  });
}
