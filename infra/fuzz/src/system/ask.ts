import type { Connection } from '../wire/connection.ts';
import type { Header } from '../wire/message.ts';

export interface Answer {
  status: number;
  headers: ReadonlyMap<string, string>;
  body: unknown;
}

/** An ordinary question of an ordinary client. */
export async function ask(
  connection: Connection,
  method: string,
  target: string,
  { body, authorization, more = [] }: { body?: unknown; authorization?: string; more?: readonly Header[] } = {},
): Promise<Answer> {
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  const headers: Header[] = [
    ['host', 'localhost'],
    ...(authorization === undefined ? [] : [['authorization', authorization] as const]),
    ...(body === undefined ? [] : [['content-type', 'application/json'] as const]),
    ...more,
    ['content-length', String(bytes.length)],
  ];
  const outcome = await connection.send({ method, target, headers, body: bytes });
  if (outcome.kind !== 'reply') throw new Error(`${method} ${target} got no answer: ${outcome.kind}`);
  const text = outcome.reply.body.toString();
  const json = outcome.reply.headers.get('content-type')?.includes('json');
  const { status, headers: answered } = outcome.reply;
  return { status, headers: answered, body: json && !text.includes('}\n{') ? JSON.parse(text) : text };
}
