import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** As much of a Valkey as counting requests needs: it knows the one script, and what clients ask when they connect. */
export async function aValkey() {
  const counts = new Map<string, number>();
  const ready = new Set<Socket>();
  const sockets = new Set<Socket>();
  const count = (_socket: Socket, [, , key = '', window = '0']: string[]) => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return `*2\r\n:${counts.get(key)}\r\n:${window}\r\n`;
  };
  const greet = (socket: Socket) => {
    ready.add(socket);
    return bulk('redis_version:7.2.4\r\nloading:0\r\n');
  };
  const answers: Record<string, (socket: Socket, args: string[]) => string> = {
    info: greet,
    eval: count,
    evalsha: count,
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let unread = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const { commands, rest } = parse(unread + text);
      unread = rest;
      for (const [name = '', ...args] of commands) {
        socket.write(answers[name.toLowerCase()]?.(socket, args) ?? '+OK\r\n');
      }
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `redis://127.0.0.1:${port}`, counts, clients: () => ready.size };
}

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;

/** Arrays of bulk strings (RESP 2); the scripts' keys are ASCII, so characters are bytes. */
function parse(text: string): { commands: string[][]; rest: string } {
  const commands: string[][] = [];
  let rest = text;
  for (;;) {
    const count = /^\*(\d+)\r\n/.exec(rest);
    if (!count) return { commands, rest };
    const command: string[] = [];
    let at = count[0].length;
    while (command.length < Number(count[1])) {
      const length = /^\$(\d+)\r\n/.exec(rest.slice(at));
      if (!length || rest.length < at + length[0].length + Number(length[1]) + 2) return { commands, rest };
      at += length[0].length;
      command.push(rest.slice(at, at + Number(length[1])));
      at += Number(length[1]) + 2;
    }
    commands.push(command);
    rest = rest.slice(at);
  }
}
