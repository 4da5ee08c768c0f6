export interface Reply {
  readonly status: number;
  /** Names in lower case; of a name that came twice, both values with a comma between. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Neither side may use the connection again. */
  readonly closes: boolean;
}

const endOfHead = Buffer.from('\r\n\r\n');
const bodiless = new Set([204, 304]);

/** Reads replies out of a stream of bytes, strictly: what is not plain HTTP/1.1 is an error, never a guess. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  #interim = 0;

  /** How many 1xx answers have been passed over. */
  get interim(): number {
    return this.#interim;
  }

  get leftover(): Buffer {
    return this.#bytes;
  }

  add(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** The next reply, once it is complete. `ended`: nothing more will come. */
  next(method: string, ended = false): Reply | undefined {
    const end = this.#bytes.indexOf(endOfHead);
    if (end < 0) return undefined;
    const { status, headers } = headOf(this.#bytes.toString('latin1', 0, end));
    const start = end + endOfHead.length;
    if (status < 200 && status !== 101) {
      this.#interim += 1;
      this.#bytes = this.#bytes.subarray(start);
      return this.next(method, ended);
    }
    const framed = this.#bodyFrom(start, method, status, headers, ended);
    if (!framed) return undefined;
    this.#bytes = this.#bytes.subarray(framed.end);
    const closes = headers.get('connection')?.toLowerCase() === 'close' || framed.untilClose;
    return { status, headers, body: framed.body, closes };
  }

  #bodyFrom(start: number, method: string, status: number, headers: ReadonlyMap<string, string>, ended: boolean) {
    const nothing = { body: Buffer.alloc(0), end: start, untilClose: status === 101 };
    if (method === 'HEAD' || bodiless.has(status) || status === 101) return nothing;
    if (headers.get('transfer-encoding') === 'chunked') return chunkedBody(this.#bytes, start);
    const declared = headers.get('content-length');
    if (declared === undefined) {
      return ended ? { body: this.#bytes.subarray(start), end: this.#bytes.length, untilClose: true } : undefined;
    }
    if (!/^\d+$/.test(declared)) throw new Error(`content-length "${declared}"`);
    const end = start + Number(declared);
    return this.#bytes.length < end ? undefined : { body: this.#bytes.subarray(start, end), end, untilClose: false };
  }
}

function headOf(text: string): { status: number; headers: ReadonlyMap<string, string> } {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})( |$)/.exec(first)?.[1];
  if (status === undefined) throw new Error(`a status line "${first.slice(0, 80)}"`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`a header line "${line.slice(0, 80)}"`);
    const key = name.toLowerCase();
    headers.set(key, headers.has(key) ? `${headers.get(key)}, ${value}` : value);
  }
  return { status: Number(status), headers };
}

function chunkedBody(bytes: Buffer, start: number) {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-f]+$/i.test(size)) throw new Error(`a chunk size "${size.slice(0, 40)}"`);
    const length = Number.parseInt(size, 16);
    const dataStart = lineEnd + 2;
    const dataEnd = dataStart + length;
    if (bytes.length < dataEnd + 2) return undefined;
    if (length === 0) return { body: Buffer.concat(chunks), end: dataEnd + 2, untilClose: false };
    chunks.push(bytes.subarray(dataStart, dataEnd));
    at = dataEnd + 2;
  }
}
