import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** A worker's work: keeps so many clients there who say or take almost nothing. Who is closed comes again. */
const { hostname, port, clients } = workerData as { hostname: string; port: number; clients: number };

const head = (line: string, more = '') => `${line} HTTP/1.1\r\nhost: shop.example\r\n${more}`;
/** A quarter of the clients each: what they say first, and whether they read what they are told. */
const manners = [
  { first: '', reads: true },
  { first: head('GET /me', 'x-slow: '), reads: true },
  { first: head('POST /auth/login', 'content-length: 5000\r\n\r\n'), reads: true },
  { first: `${head('GET /products?limit=100&sort=newest')}\r\n`.repeat(20), reads: false },
];

const sockets = new Set<Socket>();
let met = 0;

function begin(number: number): void {
  const { first, reads } = manners[number % manners.length] as (typeof manners)[number];
  const socket = connect(port, hostname, () => {
    socket.write(first);
    met += 1;
    if (met === clients) parentPort?.postMessage('all there');
  });
  sockets.add(socket);
  if (reads) socket.resume();
  else socket.pause();
  socket
    .on('error', () => undefined)
    .on('close', () => {
      sockets.delete(socket);
      setTimeout(begin, 100, number);
    });
}

for (let number = 0; number < clients; number += 1) begin(number);
// A letter each, one second after the other.
setInterval(() => {
  for (const socket of sockets) if (socket.writable && !socket.connecting) socket.write('a');
}, 1000);
