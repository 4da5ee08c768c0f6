import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startSystem } from '@forecourt/local';
import type { Root } from './processes.ts';

export interface SystemUnderTest {
  gatewayUrl: string;
  catalogUrl: string;
  /** The system's own database; roles and schemas are below. */
  superuserUrl: string;
  /** Everything that works for a request; Postgres's and NATS's children follow from these. */
  processes: readonly Root[];
  postgres: Root;
  /** An access token of the operator, who makes products. */
  operatorToken: string;
  stop(): Promise<void>;
}

const directory = fileURLToPath(new URL('../../../.local/bench/system', import.meta.url));

/** As `npm start` runs it, with demo data, at ports of its own; Postgres syncs its disk as it would for a shop. */
export async function startSystemUnderTest(): Promise<SystemUnderTest> {
  const system = await startSystem({ directory, ports: 'free', fresh: true });
  const stop = async () => {
    await system.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const catalog = system.instances.find(({ service }) => service === 'catalog');
    return {
      gatewayUrl: system.gateway,
      catalogUrl: catalog?.url ?? '',
      superuserUrl: system.adminUrl,
      processes: system.programs.map(({ name, pid = 0 }) => ({ name, pid })),
      postgres: { name: 'postgres', pid: system.program('postgres').pid ?? 0 },
      operatorToken: await signIn(system.gateway, system.operator.email, system.operator.password),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function signIn(gatewayUrl: string, login: string, password: string): Promise<string> {
  const response = await fetch(new URL('/auth/login', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password, clientId: 'bench' }),
  });
  if (response.status !== 201) throw new Error(`the operator's login was answered ${response.status}`);
  const { tokens } = (await response.json()) as { tokens: { accessToken: string } };
  return tokens.accessToken;
}
