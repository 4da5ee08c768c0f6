import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

export type { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';

/** Neither lib.es2024 nor Node's types declare it. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

const directory = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'));

export function engineVersion(): string {
  const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string };
  return version;
}

let loading: Promise<typeof bindings> | undefined;

/** The bindings hold one memory for the whole process, so they are loaded once. */
export function loadEngine(): Promise<typeof bindings> {
  loading ??= load();
  return loading;
}

/** The bindings expect a bundler to hand them the module's memory; this does it by hand. */
async function load(): Promise<typeof bindings> {
  const bytes = readFileSync(join(directory, 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as (() => void) | undefined)?.();

  let panic = '';
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message: (message: string) => {
        panic = message;
      },
      get: () => panic,
    },
  });
  return bindings;
}
