import { type App, createApp, type Runtime } from '@forecourt/service-kit';
import type { Deps } from './deps.ts';

export async function createPaymentsApp(_deps: Deps, runtime: Runtime): Promise<App> {
  return await createApp(runtime);
}
