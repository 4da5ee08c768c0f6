import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { faultsOf, type Payload, type Version } from '../src/stations/official.ts';

type Reply = Payload | { refuse: string } | 'silent';

/** A small central system that follows OCPP's documents to the letter, and has every frame of a station looked at. */
export interface Csms {
  /** Without the identity. */
  readonly url: string;
  /** What stations said that the official schemas, or the rules of OCPP-J, have something against. */
  readonly faults: readonly string[];
  /** All calls, in the order in which they came. */
  readonly calls: readonly Heard[];
  readonly headers: readonly IncomingMessage['headers'][];
  /** Payloads of one action. */
  heard(action: string): Payload[];
  /** Answers these calls otherwise: the payload, an error's code, or not at all. */
  answer(action: string, with_: (payload: Payload, times: number) => Reply | undefined): void;
  /** Refuses the next handshakes. */
  refuse(status: number | undefined): void;
  /** Fails when it is refused, and when its line is lost. */
  call(action: string, payload?: Payload): Promise<Payload>;
  /** Any frame. */
  send(frame: unknown): void;
  /** Transactions of 1.6 and 2.0.1 by their ids: what came to be known of them. */
  readonly transactions: ReadonlyMap<string, Transaction>;
  /** Cuts all lines. */
  hangUp(): void;
  close(): Promise<void>;
}

export interface Heard {
  readonly messageId: string;
  readonly action: string;
  readonly payload: Payload;
}

export interface Transaction {
  readonly id: string;
  startWh: number;
  stopWh: number | undefined;
  /** Of all messages that could be billed. */
  readonly messages: Payload[];
}

export async function startCsms(version: Version = '1.6'): Promise<Csms> {
  const protocol = version === '1.6' ? 'ocpp1.6' : 'ocpp2.0.1';
  const faults: string[] = [];
  const calls: Heard[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const rules = new Map<string, (payload: Payload, times: number) => Reply | undefined>();
  const transactions = new Map<string, Transaction>();
  const started = new Map<string, number>();
  const asked = new Map<string, { action: string; on: WebSocket; answered: PromiseWithResolvers<Payload> }>();
  /** Ids of frames whose answers nobody waits for. */
  const thrown = new Set<string>();
  let refused: number | undefined;
  let line: WebSocket | undefined;

  const http = createServer();
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  http.on('upgrade', (request, socket, head) => {
    headers.push(request.headers);
    if (refused !== undefined) return socket.end(`HTTP/1.1 ${refused} No\r\ncontent-length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (opened) => {
      line?.terminate();
      line = opened;
      opened.on('message', (data) => hear(opened, data.toString()));
      opened.on('close', () => giveUp(opened));
    });
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));

  function hear(on: WebSocket, text: string): void {
    const [type, id, ...rest] = JSON.parse(text) as [number, string, ...unknown[]];
    if (type === 2) answer(on, id, ...(rest as [string, Payload]));
    else settle(id, type, rest);
  }

  /** What a line took with it nobody answers any more. */
  function giveUp(lost: WebSocket): void {
    for (const [id, { action, on, answered }] of asked) {
      if (on !== lost) continue;
      asked.delete(id);
      answered.reject(new Error(`the line was lost before ${action} was answered`));
    }
  }

  function settle(id: string, type: number, [first]: unknown[]): void {
    const call = asked.get(id);
    asked.delete(id);
    if (!call && !thrown.has(id)) faults.push(`an answer to nothing: ${id}`);
    if (!call) return;
    if (type === 4) call.answered.reject(new Error(String(first)));
    else {
      faults.push(...faultsOf(version, 'Response', call.action, first));
      call.answered.resolve(first as Payload);
    }
  }

  function answer(on: WebSocket, id: string, action: string, payload: Payload): void {
    faults.push(...faultsOf(version, 'Request', action, payload));
    calls.push({ messageId: id, action, payload });
    const times = calls.filter((call) => call.action === action).length;
    const usual = version === '1.6' ? answer16(action, payload) : answer201(action, payload);
    const reply = rules.get(action)?.(payload, times) ?? usual;
    if (reply === 'silent') return;
    const isRefusal = 'refuse' in reply;
    on.send(JSON.stringify(isRefusal ? [4, id, reply.refuse, '', {}] : [3, id, reply]));
  }

  const common = (action: string): Payload => {
    if (action === 'BootNotification')
      return { status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 };
    return action === 'Heartbeat' ? { currentTime: new Date().toISOString() } : {};
  };

  function answer16(action: string, payload: Payload): Payload {
    const idTagInfo = { status: 'Accepted' };
    if (action === 'Authorize') return { idTagInfo };
    if (action === 'StartTransaction') {
      const key = [payload.connectorId, payload.idTag, payload.timestamp, payload.meterStart].join();
      const id = started.get(key) ?? started.size + 7_000_001;
      started.set(key, id);
      note(String(id), payload, payload.meterStart as number);
      return { transactionId: id, idTagInfo };
    }
    if (action === 'StopTransaction')
      note(String(payload.transactionId), payload, undefined, payload.meterStop as number);
    if (action === 'MeterValues' && payload.transactionId) note(String(payload.transactionId), payload);
    return common(action);
  }

  function answer201(action: string, payload: Payload): Payload {
    const idTokenInfo = { status: 'Accepted' };
    if (action === 'Authorize') return { idTokenInfo };
    if (action !== 'TransactionEvent') return common(action);
    const { transactionId } = payload.transactionInfo as { transactionId: string };
    const values = (payload.meterValue ?? []) as {
      sampledValue: { value: number; context: string; phase?: string }[];
    }[];
    const at = (context: string) =>
      values.flatMap(({ sampledValue }) => sampledValue).find((value) => value.context === context && !value.phase)
        ?.value;
    note(transactionId, payload, at('Transaction.Begin'), at('Transaction.End'));
    return payload.idToken ? { idTokenInfo } : {};
  }

  function note(id: string, payload: Payload, startWh?: number, stopWh?: number): void {
    const known = transactions.get(id) ?? { id, startWh: 0, stopWh: undefined, messages: [] };
    if (startWh !== undefined) known.startWh = startWh;
    if (stopWh !== undefined) known.stopWh = stopWh;
    known.messages.push(payload);
    transactions.set(id, known);
  }

  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ocpp`,
    faults,
    calls,
    headers,
    transactions,
    heard: (action) => calls.filter((call) => call.action === action).map(({ payload }) => payload),
    answer: (action, with_) => void rules.set(action, with_),
    refuse: (status) => {
      refused = status;
    },
    call(action, payload = {}) {
      const wrong = faultsOf(version, 'Request', action, payload);
      if (wrong.length > 0) throw new Error(wrong.join('; '));
      if (!line || line.readyState !== line.OPEN) throw new Error(`there is no line for ${action}`);
      const id = randomUUID();
      const answered = Promise.withResolvers<Payload>();
      // Not everybody who asks waits for the answer.
      answered.promise.catch(() => {});
      asked.set(id, { action, on: line, answered });
      line.send(JSON.stringify([2, id, action, payload]));
      return answered.promise;
    },
    send(frame) {
      if (Array.isArray(frame)) thrown.add(String(frame[1]));
      line?.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    hangUp: () => line?.terminate(),
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((closed) => http.close(closed));
    },
  };
}
