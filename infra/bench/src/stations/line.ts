import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { close, ping, pong, readFrame, text, writeFrame } from './frame.ts';

export type Payload = Readonly<Record<string, unknown>>;

export interface Address {
  readonly hostname: string;
  readonly port: number;
  /** `/ocpp/<identity>`. */
  readonly path: string;
  readonly protocol: string;
  readonly authorization?: string;
}

/** What a station is asked, and its answer. */
export type Asked = (action: string, payload: Payload) => Payload;

interface Call {
  readonly id: string;
  resolve(payload: Payload): void;
  reject(error: Error): void;
}

const nothing = Buffer.alloc(0);

/**
 * A station's end of OCPP-J on a bare socket: ten thousand of them share the cores with those who serve them, and what a
 * WebSocket library costs ten thousand times would be taken from these.
 */
export class Line {
  readonly #socket: Socket;
  readonly #asked: Asked;
  /** The line is up; rejected when it was refused. */
  readonly opened: Promise<void>;
  /** The line is gone. Never rejects. */
  readonly lost: Promise<void>;
  #isOpen = false;
  #rest = nothing;
  #calls = 0;
  #call: Call | undefined;
  #greeted: (refusal?: Error) => void = () => {};

  constructor({ hostname, port, path, protocol, authorization }: Address, asked: Asked = () => ({})) {
    this.#asked = asked;
    this.#socket = connect({ host: hostname, port, noDelay: true });
    this.opened = new Promise((resolve, reject) => {
      this.#greeted = (refusal) => (refusal ? reject(refusal) : resolve());
    });
    this.lost = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#isOpen = false;
        const gone = new Error('the line broke');
        this.#greeted(gone);
        this.#call?.reject(gone);
        resolve();
      });
    });
    this.#socket.on('error', (error) => this.#greeted(error));
    this.#socket.on('data', (data) => this.#receive(data));
    const head = [
      `GET ${path} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
      `sec-websocket-protocol: ${protocol}`,
      ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
    ];
    this.#socket.write(`${head.join('\r\n')}\r\n\r\n`);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** One at a time, as OCPP has it: whoever calls before the last one is answered has made a mistake. */
  call(action: string, payload: Payload): Promise<Payload> {
    if (this.#call) throw new Error(`${action} is called for while another call is under way`);
    if (!this.#isOpen) return Promise.reject(new Error('there is no line'));
    const id = String(++this.#calls);
    return new Promise((resolve, reject) => {
      this.#call = { id, resolve, reject };
      this.#socket.write(writeFrame(text, JSON.stringify([2, id, action, payload])));
    });
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    try {
      if (!this.#isOpen) {
        const end = data.indexOf('\r\n\r\n');
        if (end >= 0) this.#open(data.subarray(0, end).toString('latin1'));
        data = end >= 0 ? data.subarray(end + 4) : data;
      }
      while (this.#isOpen) {
        const frame = readFrame(data);
        if (!frame) break;
        data = data.subarray(frame.size);
        this.#hear(frame.opcode, frame.payload);
      }
    } catch (error) {
      this.#greeted(error as Error);
      this.#call?.reject(error as Error);
      this.#socket.destroy();
    }
    this.#rest = data.length > 0 ? Buffer.from(data) : nothing;
  }

  #open(head: string): void {
    const [status = ''] = head.split('\r\n', 1);
    if (!status.startsWith('HTTP/1.1 101 ')) throw new Error(`refused with ${status}`);
    this.#isOpen = true;
    this.#greeted();
  }

  #hear(opcode: number, payload: Buffer): void {
    if (opcode === ping) this.#socket.write(writeFrame(pong, payload));
    else if (opcode === close) this.#socket.end();
    else if (opcode === text) this.#read(JSON.parse(payload.toString()) as unknown[]);
  }

  /** An echo sends back the call itself, which is an answer, too. */
  #read([type, id, ...rest]: unknown[]): void {
    const call = this.#call;
    if (call && call.id === id) {
      this.#call = undefined;
      if (type === 4) call.reject(new Error(`refused: ${rest.join(' ')}`));
      else call.resolve((type === 3 ? rest[0] : {}) as Payload);
    } else if (type === 2) {
      const [action, payload] = rest as [string, Payload];
      this.#socket.write(writeFrame(text, JSON.stringify([3, id, this.#asked(action, payload)])));
    }
  }
}
