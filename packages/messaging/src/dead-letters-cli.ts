#!/usr/bin/env node
/**
 * dead-letters list | show <id> | replay <id> | replay --all
 *
 * Works on the service's database alone (DATABASE_URL). A replay is a wish written beside the letter: a running
 * replica of the service fulfils it within seconds, with the very consumer that the letter died in.
 */
import pg from 'pg';

const usage = `dead-letters list            what lies there, newest first
dead-letters show <id>       one letter with its error, headers and payload
dead-letters replay <id>     have it tried again by its own consumer
dead-letters replay --all    the same for every letter that was not replayed yet`;

const print = (text: string) => process.stdout.write(`${text}\n`);

interface Letter {
  id: string;
  consumer: string;
  message_id: string;
  subject: string;
  headers: Record<string, string>;
  payload: Buffer;
  reason: string;
  error: string;
  deliveries: number;
  first_at: Date;
  last_at: Date;
  replay_requested_at: Date | null;
  replayed_at: Date | null;
}

const stateOf = (letter: Letter) => {
  if (letter.replayed_at !== null) return 'replayed';
  return letter.replay_requested_at === null ? 'waiting' : 'to be replayed';
};

async function list(client: pg.Client): Promise<void> {
  const { rows } = await client.query<Letter>('SELECT * FROM dead_letter ORDER BY last_at DESC, id DESC LIMIT 500');
  for (const letter of rows) {
    const cause = letter.error.split('\n', 1)[0]?.slice(0, 100);
    print([letter.id, letter.last_at.toISOString(), letter.consumer, letter.reason, stateOf(letter), cause].join('\t'));
  }
  if (rows.length === 0) print('no dead letters');
}

async function show(client: pg.Client, id: string): Promise<void> {
  const { rows } = await client.query<Letter>('SELECT * FROM dead_letter WHERE id = $1', [id]);
  const [letter] = rows;
  if (letter === undefined) throw new Error(`there is no dead letter ${id}`);
  const { payload, error, headers, ...facts } = letter;
  for (const [name, value] of Object.entries({ ...facts, state: stateOf(letter) })) {
    print(`${name}: ${value instanceof Date ? value.toISOString() : value}`);
  }
  for (const [name, value] of Object.entries(headers)) print(`header ${name}: ${value}`);
  print(`payload: ${payload.toString()}`);
  print(`error: ${error}`);
}

async function replay(client: pg.Client, which: string): Promise<void> {
  const one = which === '--all' ? null : which;
  const { rowCount } = await client.query(
    `UPDATE dead_letter SET replay_requested_at = now()
     WHERE replayed_at IS NULL AND replay_requested_at IS NULL AND ($1::bigint IS NULL OR id = $1)`,
    [one],
  );
  if (one !== null && rowCount === 0) throw new Error(`dead letter ${one} is not there, or is replayed already`);
  print(`${rowCount} to be replayed`);
}

async function run(client: pg.Client, [command, argument]: readonly string[]): Promise<void> {
  const isId = /^\d{1,18}$/.test(argument ?? '');
  if (command === 'list') return list(client);
  if (command === 'show' && isId) return show(client, argument ?? '');
  if (command === 'replay' && (isId || argument === '--all')) return replay(client, argument ?? '');
  throw new Error(usage);
}

// biome-ignore lint/style/noProcessEnv: a command of its own, which no service's configuration reaches
const client = new pg.Client({ connectionString: process.env.DATABASE_URL, application_name: 'dead-letters' });
try {
  await client.connect();
  await run(client, process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  await client.end();
}
