import { once } from 'node:events';
import { connect } from 'node:net';

/** Everything that goes over a NATS server, as it goes: events, questions, replies, and what JetStream is asked. */
export interface Wire {
  /** Text of all messages so far, each with its subject and headers. */
  readonly heard: readonly { subject: string; text: string }[];
  say(subject: string, text: string): void;
  close(): void;
}

export async function listenIn(natsUrl: string): Promise<Wire> {
  const { hostname, port, username, password } = new URL(natsUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const heard: { subject: string; text: string }[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const line = rest.subarray(0, end).toString();
      const length = /^H?MSG /.test(line) ? Number(line.split(' ').at(-1)) + 2 : 0;
      if (rest.length < end + 2 + length) return;
      if (length > 0) {
        heard.push({ subject: line.split(' ')[1] ?? '', text: rest.subarray(end + 2, end + length).toString() });
      } else if (line === 'PING') socket.write('PONG\r\n');
      rest = rest.subarray(end + 2 + length);
    }
  });
  socket.on('error', () => undefined);
  const credentials = { ...(username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }) };
  socket.write(`CONNECT ${JSON.stringify({ verbose: false, headers: true, ...credentials })}\r\nSUB > 1\r\nPING\r\n`);
  return {
    heard,
    say: (subject, text) => void socket.write(`PUB ${subject} ${Buffer.byteLength(text)}\r\n${text}\r\n`),
    close: () => socket.destroy(),
  };
}
