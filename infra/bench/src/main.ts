import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { commitToApplied } from './events.ts';
import { flowsOf, loginFlow } from './flows.ts';
import { judge } from './goals.ts';
import { type Comparison, compare, medians, untilQuiet } from './measure.ts';
import { full, quick } from './plan.ts';
import { memoryMegabytes } from './processes.ts';
import { type Report, render, save } from './report.ts';
import { registerAccounts, seedShop } from './seed.ts';
import { startSystemUnderTest } from './system.ts';
import { startYardstick } from './yardstick/start.ts';

const plan = process.argv.includes('--quick') ? quick : full;
const began = performance.now();
const step = (what: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`);
const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memoryMb: Math.round(totalmem() / 2 ** 20),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  loadAverage: loadavg()[0] ?? 0,
};

step('starting a system of its own');
const system = await startSystemUnderTest();
const stops: (() => Promise<void>)[] = [system.stop];
try {
  const roots = system.processes;
  await untilQuiet(roots, 10_000);
  const memoryMb = memoryMegabytes(roots);

  step(`importing ${plan.products} products`);
  const shop = await seedShop(system, plan.products);
  const accounts = await registerAccounts(system, plan.customers);
  step(`imported in ${shop.importSeconds.toFixed(1)} s, known to orders after ${shop.convergedSeconds.toFixed(1)} s`);

  const yardstick = await startYardstick(system.superuserUrl, plan.products);
  stops.unshift(yardstick.stop);
  const ours = { origin: system.gatewayUrl, processes: roots };
  // Postgres works for both; what our idle processes ask of it meanwhile falls to the yardstick, and is little.
  const theirs = { origin: yardstick.origin, processes: [{ name: 'yardstick', pid: yardstick.pid }, system.postgres] };

  step('event: commit → applied');
  const eventMs = await commitToApplied(system, shop, plan.events);

  step('gateway hop');
  const path = `/products/${shop.products[0]?.slug}`;
  // What the gateway has kept it answers alone, and that is no hop.
  const request = () => ({ method: 'GET' as const, path, headers: { 'cache-control': 'no-cache' } });
  const [through = Number.NaN, straight = Number.NaN] = await medians(
    [system.gatewayUrl, system.catalogUrl].map((origin) => ({ origin, request })),
    plan.hopSamples,
  );

  const comparisons: Comparison[] = [];
  for (const flow of [...flowsOf(theirs, ours, shop), loginFlow(theirs, ours, accounts)]) {
    step(flow.name);
    comparisons.push(await compare(flow, plan));
  }

  const login = comparisons.find(({ flow }) => flow === 'login');
  const report: Report = {
    plan: plan.name,
    at: new Date().toISOString(),
    machine,
    comparisons,
    goals: judge(comparisons, {
      hopMs: through - straight,
      eventMs,
      loginRatio: login ? login.yardstick.perSecond / login.ours.perSecond : Number.NaN,
      memoryMb,
    }),
  };
  const file = fileURLToPath(new URL('../../../.local/bench/report.json', import.meta.url));
  save(report, file);
  step('done');
  console.log(`\n${render(report)}\n\nwritten to .local/bench/report.json`);

  const failures = comparisons.flatMap(({ flow, failures: found }) => found.map((failure) => `${flow}: ${failure}`));
  if (failures.length > 0) {
    console.error(`\n${failures.length} requests got another answer than they should, the first ones:`);
    for (const failure of failures.slice(0, 10)) console.error(`  ${failure}`);
    process.exitCode = 1;
  }
} finally {
  for (const stop of stops) await stop();
}
