import pg from 'pg';
import { parseAddress, withClient } from './address.ts';

/** `schema-engine cli <command>`: what the command line asks before it opens the engine. Gives the exit code. */
export async function runCommand(command: string, datasourceUrl: string): Promise<number> {
  // The command line drops the first line of the log.
  log('INFO', { message: 'Starting schema engine CLI' });
  const { url, database, schema, on } = parseAddress(datasourceUrl);
  const name = pg.escapeIdentifier(database);
  try {
    switch (command) {
      case 'can-connect-to-database':
        await withClient(url, (client) => client.query('SELECT 1'));
        break;
      case 'create-database':
        await withClient(on('postgres'), (client) => client.query(`CREATE DATABASE ${name}`)).catch(
          unlessCode('42P04'),
        );
        if (schema) {
          await withClient(url, (client) => client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`));
        }
        process.stdout.write('The database was created successfully\n');
        break;
      case 'drop-database':
        await withClient(on('postgres'), (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
        break;
      default:
        throw new Error(`this engine does not know the command ${command}`);
    }
    return 0;
  } catch (error) {
    log('ERROR', { ...prismaError(error as pg.DatabaseError, database), is_panic: false });
    return 1;
  }
}

const unlessCode = (code: string) => (error: { code?: string }) => {
  if (error.code !== code) throw error;
};

function prismaError({ code, message }: { code?: string | undefined; message: string }, database: string) {
  switch (code) {
    case '3D000':
      return { error_code: 'P1003', message: `Database \`${database}\` does not exist` };
    case '28P01':
      return { error_code: 'P1000', message: `Authentication failed: ${message}` };
    default:
      return { error_code: 'P1001', message: `Can't reach database server: ${message}` };
  }
}

function log(level: string, fields: object): void {
  const line = { timestamp: new Date().toISOString(), level, fields, target: 'schema_engine::logger' };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
