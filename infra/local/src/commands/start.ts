import { parseArgs } from 'node:util';
import { onInterrupt } from '../interrupt.ts';
import type { Scale } from '../network.ts';
import { Obstacle } from '../obstacle.ts';
import { local } from '../paths.ts';
import type { Say } from '../prepare.ts';
import { isServiceName, type PortName, serverPorts, services } from '../services.ts';
import { type System, startSystem } from '../system.ts';

const usage = 'npm start -- [--fresh] [--scale orders=3]…';

export async function main(parameters: string[], say: Say): Promise<number> {
  const { fresh, scale } = readParameters(parameters);
  const began = performance.now();
  let system: System | undefined;
  const ended = Promise.withResolvers<number>();
  onInterrupt(
    () => {
      if (!system) process.exit(130); // the watchdog ends what has been started so far
      say('stopping', 'press Ctrl-C again to end everything at once');
      system.stop().then(() => ended.resolve(0), ended.reject);
    },
    () => {
      system?.destroy();
      process.exit(130);
    },
  );
  system = await startSystem({
    directory: local,
    ports: portsFromEnvironment(),
    scale,
    fresh,
    postgresUrl: process.env.DATABASE_URL || undefined,
    natsUrl: process.env.NATS_URL || undefined,
    say,
  });
  say('ready', `after ${((performance.now() - began) / 1000).toFixed(1)} s\n\n${addresses(system)}`);
  return ended.promise;
}

const addresses = ({ gateway, operator, bank }: System) => `  Shop API          ${gateway}
  Documentation     ${gateway}/docs
  Messages sent     ${gateway}/dev/messages
${bank === undefined ? '' : `  Invoices to pay   ${bank}\n`}  Operator          ${operator.email} / ${operator.password}

  Ctrl-C stops everything; logs are in .local/logs.
`;

function readParameters(parameters: string[]): { fresh: boolean; scale: Scale } {
  try {
    const { values } = parseArgs({
      args: parameters,
      options: { fresh: { type: 'boolean', default: false }, scale: { type: 'string', multiple: true, default: [] } },
    });
    return { fresh: values.fresh, scale: Object.fromEntries(values.scale.map(readScale)) };
  } catch (error) {
    throw new Obstacle(`${(error as Error).message}\nusage: ${usage}`);
  }
}

function readScale(text: string): [string, number] {
  const [name = '', count] = text.split('=');
  if (!isServiceName(name) || !/^[1-9]$/.test(count ?? '')) {
    throw new Error(
      `--scale ${text}: say <service>=<1 to 9>, with one of ${services.map((service) => service.name).join(', ')}`,
    );
  }
  if (name === 'gateway') throw new Error('--scale gateway: it is the one door, and its port is given out; run one.');
  return [name, Number(count)];
}

function portsFromEnvironment(): Partial<Record<PortName, number>> {
  const names: PortName[] = [...services.map(({ name }) => name), ...(Object.keys(serverPorts) as PortName[])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const variable = `${name.toUpperCase()}_PORT`;
      const text = process.env[variable];
      if (!text) return [];
      const port = Number(text);
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        throw new Obstacle(`${variable}=${text} is not a port.`);
      return [[name, port]];
    }),
  );
}
