import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/**
 * A JSON object that is written part by part and read once it is whole: it takes no more memory than its largest part,
 * and whoever reads it never gets half of it. The file has no name, so that it is gone with its process at the latest.
 */
export interface Spool {
  /** One field of the object. */
  value(name: string, value: unknown): Promise<void>;
  /** A field that is a list, of as many pages as it takes. */
  list(name: string, pages: AsyncIterable<readonly unknown[]>): Promise<void>;
  /** Ends the object; the file is gone once this was read, or destroyed. */
  finish(): Promise<Readable>;
  discard(): Promise<void>;
}

export async function openSpool(): Promise<Spool> {
  const file = await openNameless();
  let separator = '{';
  const write = (text: string) => file.appendFile(text);

  return {
    async value(name, value) {
      await write(`${separator}${JSON.stringify(name)}:${JSON.stringify(value)}`);
      separator = ',';
    },
    async list(name, pages) {
      await write(`${separator}${JSON.stringify(name)}:[`);
      separator = ',';
      let between = '';
      for await (const page of pages) {
        if (page.length === 0) continue;
        await write(between + page.map((item) => JSON.stringify(item)).join());
        between = ',';
      }
      await write(']');
    },
    async finish() {
      await write(separator === '{' ? '{}' : '}');
      return file.createReadStream({ start: 0 });
    },
    discard: () => file.close(),
  };
}

async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-export-'));
  try {
    return await open(join(folder, 'spool'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}
