import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { aDiscount, aProduct, changeProduct, removeProduct } from '../catalogue.ts';
import { startTestSystem, type TestSystem } from '../own-system.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { aPartner, type Partner, type SyncedProduct } from './partner.ts';

let system: TestSystem;
let client: HttpClient;
let partner: Partner;
beforeAll(async () => {
  system = await startTestSystem();
  client = httpClient(system.gateway);
  partner = await aPartner(client);
}, 180_000);
afterAll(() => system?.stop(), 60_000);

const programs = join(import.meta.dirname, '../../../infra/partner/src');

/** One of the documentation's programs, as a partner runs it. */
function run(program: string, args: readonly string[], env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [join(programs, program), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => lines.push(line));
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  return { lines, kill, exited };
}

const follow = (file: string, ...flags: string[]) =>
  run('follow.ts', [file, ...flags], { FORECOURT_URL: system.gateway, PARTNER_KEY: partner.key });
const copyAt = async (file: string): Promise<Record<string, SyncedProduct>> =>
  JSON.parse(await readFile(file, 'utf8')).products;

/** What there is, as whoever begins now is told. */
async function truth(): Promise<Record<string, SyncedProduct>> {
  const all: Record<string, SyncedProduct> = {};
  for (let cursor = ''; ; ) {
    const page = await partner.sync(`?limit=1000${cursor && `&cursor=${cursor}`}`);
    for (const { product } of page.items) all[product.id] = product;
    cursor = page.cursor;
    if (!page.more) return all;
  }
}

test('the copy of the program that follows is the catalogue, though it and catalog are killed again and again', async () => {
  const file = join(system.directory, 'copy.json');
  const products = await Promise.all(Array.from({ length: 12 }, () => aProduct({}, client)));
  await follow(file, '--once').exited;
  expect(Object.keys(await copyAt(file)).length).toBeGreaterThanOrEqual(12);

  const patiently = (change: () => Promise<unknown>) => until(() => change().then(() => true), { timeoutMs: 60_000 });
  for (let round = 0; round < 3; round += 1) {
    const follower = follow(file);
    const changes = products.map((product, at) =>
      patiently(() => changeProduct(product, { price: 1_000 + round * 100 + at }, client)),
    );
    await Promise.race(changes);
    const catalog = system.program('catalog');
    const { pid } = catalog;
    catalog.kill('SIGKILL');
    await follower.kill();
    await until(() => catalog.pid !== pid);
    await Promise.all(changes);
  }
  await patiently(() => removeProduct(products[0] as { id: string }, client));
  await patiently(() => aDiscount({ type: 'percent', value: 10 }, client));
  const last = follow(file);
  await until(async () => {
    expect(await copyAt(file)).toEqual(await truth());
    return true;
  });
  await last.kill();
}, 180_000);

test('the program that hears is told each change once, and goes on behind what it heard, though the relay is killed', async () => {
  const env = { NATS_URL: system.natsUrlOf('partner'), STREAM_PREFIX: system.streamPrefix };
  const said = ({ lines }: { lines: string[] }) =>
    lines.map(
      (line) =>
        JSON.parse(line) as { place: number; id: string; type: string; data: { productId: string; version: number } },
    );
  const product = await aProduct({}, client);
  const ofIt = (heard: ReturnType<typeof said>) => heard.filter(({ data }) => data.productId === product.id);
  const first = run('hear.ts', [], env);
  await until(() => ofIt(said(first)).length === 1);
  const place = said(first).at(-1)?.place ?? 0;
  await first.kill();

  const { pid } = system.program('catalog');
  await changeProduct(product, { price: 5 }, client);
  system.program('catalog').kill('SIGKILL');
  await until(() => system.program('catalog').pid !== pid);
  await system.ready();
  await aDiscount({ type: 'percent', value: 50, productId: product.id }, client);
  await removeProduct(product, client);

  const second = run('hear.ts', [String(place)], env);
  await until(() => ofIt(said(second)).some(({ type }) => type === 'catalog.product.removed.v1'));
  const heard = ofIt(said(second));
  expect(heard.map(({ type, data }) => [type, data.version])).toEqual([
    ['catalog.product.changed.v1', 2],
    ['catalog.product.changed.v1', 3],
    ['catalog.product.removed.v1', 4],
  ]);
  expect(new Set(heard.map(({ id }) => id)).size).toBe(3);
}, 180_000);
