import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { request } from 'undici';
import { loadAverageNow } from './machine.ts';
import { readAtPace } from './paced.ts';
import { memoryMegabytes } from './processes.ts';
import { median, percentile, ratioOf } from './statistics.ts';
import { forgetSystem, startSystemUnderTest } from './system.ts';

/*
 * `npm run bench -- --slowloris`: a thousand clients that say or take almost nothing, and what ordinary readers notice.
 * Rounds with and without them take turns, so that whatever else the machine does falls on both.
 */

const clients = 1000;
const rounds = 5;
const roundMs = 8000;
const perSecond = 100;
const mostTimesSlower = 2;

const head = (line: string, more = '') => `${line} HTTP/1.1\r\nhost: shop.example\r\n${more}`;
/** A quarter of the clients each: what they say first, and whether they read what they are told. */
const manners = [
  { first: '', reads: true },
  { first: head('GET /me', 'x-slow: '), reads: true },
  { first: head('POST /auth/login', 'content-length: 5000\r\n\r\n'), reads: true },
  { first: `${head('GET /products?limit=100&sort=newest')}\r\n`.repeat(2), reads: false },
];

if (isMainThread) await main();
else attack(workerData as { hostname: string; port: number });

async function main(): Promise<void> {
  const system = await startSystemUnderTest();
  try {
    const { hostname, port } = new URL(system.gatewayUrl);
    const gateway = system.processes.filter(({ name }) => name === 'gateway');
    const { body } = await request(`${system.gatewayUrl}/products?limit=100`);
    const { items } = (await body.json()) as { items: { slug: string }[] };
    // Kept answers, answers of one service, answers of another: the attack is on all of them at once.
    const path = (n: number) =>
      [
        `/products/${items[n % items.length]?.slug}`,
        `/products?q=slow${n % 50}`,
        '/orders/history?phone=%2B380971112233&clientId=x',
      ][n % 3] ?? '';
    const read = async () => {
      const { milliseconds, failures } = await readAtPace({
        origin: system.gatewayUrl,
        path,
        perSecond,
        until: pause(roundMs),
      });
      return { p50: percentile(milliseconds, 0.5), p99: percentile(milliseconds, 0.99), failures };
    };

    await read();
    const quiet: Awaited<ReturnType<typeof read>>[] = [];
    const attacked: typeof quiet = [];
    const memory = [memoryMegabytes(gateway) ?? 0];
    for (let round = 0; round < rounds; round += 1) {
      quiet.push(await read());
      const worker = new Worker(new URL(import.meta.url), { workerData: { hostname, port: Number(port) } });
      await new Promise((resolve) => worker.once('message', resolve));
      await pause(1000);
      attacked.push(await read());
      memory.push(memoryMegabytes(gateway) ?? 0);
      await worker.terminate();
      await pause(1000);
    }

    const failures = [...quiet, ...attacked].flatMap(({ failures }) => failures);
    const ratio = ratioOf(
      attacked.map(({ p99 }) => p99),
      quiet.map(({ p99 }) => p99),
    );
    const ms = (side: typeof quiet, which: 'p50' | 'p99') => `${median(side.map((one) => one[which])).toFixed(1)} ms`;
    const megabytes = memory.map((one) => one.toFixed(0));
    console.log(`
${clients} slow clients, ${rounds} rounds of ${roundMs / 1000} s with and without them, ${perSecond} reads/s of others; load average ${loadAverageNow().toFixed(1)}

| others | p50 | p99 |
|---|---|---|
| without | ${ms(quiet, 'p50')} | ${ms(quiet, 'p99')} |
| with | ${ms(attacked, 'p50')} | ${ms(attacked, 'p99')} |

p99 with / without: ${ratio.value.toFixed(2)} (rounds from ${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}), wanted below ${mostTimesSlower}
others that were not answered: ${failures.length}${failures.length > 0 ? ` (${failures[0]})` : ''}
gateway's memory: ${megabytes[0]} MB before, ${megabytes.slice(1).join(', ')} MB under attack`);
    if (ratio.value >= mostTimesSlower || failures.length > 0) process.exitCode = 1;
  } finally {
    await system.stop();
    await forgetSystem();
  }
}

/** Keeps so many slow clients there: who is closed comes again. */
function attack(target: { hostname: string; port: number }): void {
  const sockets = new Set<Socket>();
  let met = 0;
  const begin = (number: number) => {
    const { first, reads } = manners[number % manners.length] as (typeof manners)[number];
    const socket = connect(target.port, target.hostname, () => {
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
  };
  // One after the other, as people come: a thousand at once would be a flood, and another question.
  let number = 0;
  const arrivals = setInterval(() => {
    begin(number++);
    if (number === clients) clearInterval(arrivals);
  }, 3);
  // A letter a second each, not all at the same instant.
  const slices = 100;
  let slice = 0;
  setInterval(() => {
    slice = (slice + 1) % slices;
    let index = 0;
    for (const socket of sockets) {
      if (index++ % slices === slice && socket.writable && !socket.connecting) socket.write('a');
    }
  }, 1000 / slices);
}
