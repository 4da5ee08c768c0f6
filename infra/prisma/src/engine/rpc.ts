import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { migrationAdapter } from './adapter.ts';
import { parseAddress } from './address.ts';
import { loadEngine, type SchemaEngine } from './wasm.ts';

export interface RpcOptions {
  datamodels: [path: string, content: string][];
  url: string | undefined;
  send(line: string): Promise<void>;
}

interface RpcRequest {
  id: number | string;
  method?: string;
  params: Record<string, unknown>;
}

type Method = (params: unknown) => Promise<unknown>;

const methods: Record<string, keyof SchemaEngine> = {
  applyMigrations: 'applyMigrations',
  createMigration: 'createMigration',
  dbExecute: 'dbExecute',
  devDiagnostic: 'devDiagnostic',
  diagnoseMigrationHistory: 'diagnoseMigrationHistory',
  diff: 'diff',
  ensureConnectionValidity: 'ensureConnectionValidity',
  evaluateDataLoss: 'evaluateDataLoss',
  getDatabaseVersion: 'version',
  introspect: 'introspect',
  introspectSql: 'introspectSql',
  markMigrationApplied: 'markMigrationApplied',
  markMigrationRolledBack: 'markMigrationRolledBack',
  reset: 'reset',
  schemaPush: 'schemaPush',
};

/** The native engine's JSON-RPC, one message a line, answered in order until the input ends. */
export async function answerLines(lines: AsyncIterable<string>, { datamodels, url, send }: RpcOptions): Promise<void> {
  let engine: SchemaEngine | undefined;
  const open = async () => {
    const { SchemaEngine } = await loadEngine();
    const adapter = bindMigrationAwareSqlAdapterFactory(migrationAdapter(url));
    return SchemaEngine.new({ datamodels: datamodels.length > 0 ? datamodels : undefined }, () => {}, adapter);
  };
  const call = async (name: string, params: unknown) => {
    const method = methods[name];
    if (!method) throw new Error(`this engine does not know the method ${name}`);
    engine ??= await open();
    return (engine[method] as Method)(params);
  };

  let printed = 0;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const { id, method, params } = JSON.parse(line) as RpcRequest;
    if (method === undefined) continue; // the other side acknowledges a `print`
    try {
      const result = method === 'createDatabase' ? nameOfDatabase(url) : await answer(method, params, call);
      const content = method === 'diff' ? (result as { stdout?: string | null }).stdout : undefined;
      if (content) {
        printed += 1;
        await send(JSON.stringify({ jsonrpc: '2.0', id: `print-${printed}`, method: 'print', params: { content } }));
      }
      await send(JSON.stringify({ jsonrpc: '2.0', id, result: result ?? {} }));
    } catch (error) {
      await send(JSON.stringify({ jsonrpc: '2.0', id, error: rpcError(error) }));
    }
  }
}

/** Only the diagnosis may open a shadow database here; these two read what it left in the engine's cache. */
async function answer(
  method: string,
  params: Record<string, unknown>,
  call: (name: string, params: unknown) => Promise<unknown>,
) {
  if (method === 'evaluateDataLoss' || method === 'createMigration') {
    const { migrationsList, filters } = params;
    await call('diagnoseMigrationHistory', { migrationsList, filters, optInToShadowDatabase: true });
  }
  return call(method, params);
}

const nameOfDatabase = (url: string | undefined) => ({ databaseName: url ? parseAddress(url).database : '' });

function rpcError(error: unknown) {
  const { message, code, meta } = error as { message?: string; code?: string; meta?: unknown };
  return {
    code: 4466,
    message: 'An error happened. Check the data field for details.',
    data: { is_panic: false, message: message ?? String(error), meta: meta ?? null, error_code: code ?? null },
  };
}
