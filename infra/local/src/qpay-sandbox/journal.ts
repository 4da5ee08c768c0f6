import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Journal<T> {
  /** The last of each id, in the order in which they were first added. */
  readonly entries: readonly T[];
  add(entry: T): void;
}

/** One JSON line for each change. What a kill left of a last line is dropped, and what was overwritten with it. */
export function journalAt<T extends { readonly id: string }>(file: string | undefined): Journal<T> {
  if (file === undefined) return { entries: [], add: () => {} };
  const last = new Map<string, T>();
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []) {
    const entry = JSON.parse(line) as T;
    last.set(entry.id, entry);
  }
  const entries = [...last.values()];
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  writeFileSync(`${file}.new`, lines, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return { entries, add: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`) };
}
