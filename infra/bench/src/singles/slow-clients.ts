import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** A worker's work: keeps so many clients there who say or take almost nothing. Who is closed comes again. */
const { hostname, port, clients } = workerData as { hostname: string; port: number; clients: number };

const head = (line: string, more = '') => `${line} HTTP/1.1\r\nhost: shop.example\r\n${more}`;
/** A quarter of the clients each: what they say at first, and whether they then say more, and read what they are told. */
const manners = [
  { first: '', letters: false, reads: true },
  { first: head('GET /me', 'x-slow: '), letters: true, reads: true },
  { first: head('POST /auth/login', 'content-length: 5000\r\n\r\n'), letters: true, reads: true },
  // More than the kernel takes off the gateway's hands.
  { first: `${head('GET /products?limit=100&sort=newest')}\r\n`.repeat(4), letters: false, reads: false },
];

/** They come one by one, and not like a flood: that would measure how fast a crowd of requests is answered. */
const arrivalMs = 3000;
const breakMs = 1000;
let met = 0;

function begin(number: number): void {
  const { first, letters, reads } = manners[number % manners.length] as (typeof manners)[number];
  let typing: NodeJS.Timeout | undefined;
  const socket: Socket = connect(port, hostname, () => {
    socket.write(first);
    if (letters) typing = setInterval(() => socket.write('a'), 1000);
    met += 1;
    if (met === clients) parentPort?.postMessage('all there');
  });
  if (reads) socket.resume();
  else socket.pause();
  socket
    .on('error', () => undefined)
    .on('close', () => {
      clearInterval(typing);
      setTimeout(begin, breakMs, number);
    });
}

for (let number = 0; number < clients; number += 1) setTimeout(begin, (number * arrivalMs) / clients, number);
