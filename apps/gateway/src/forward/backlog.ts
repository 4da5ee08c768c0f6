import type { ServerResponse } from 'node:http';

/**
 * What slow clients have not taken yet, so that no service waits for them: connections to a service are few, and one
 * client could hold them all by asking for much and reading nothing. Memory is bounded instead: when all that waits is
 * too much, whoever has most of it loses their connection.
 */
export class Backlog {
  readonly #waiting = new Map<ServerResponse, number>();
  readonly #mostBytes: number;
  readonly #mostOfOne: number;
  #bytes = 0;

  constructor({ mostBytes = 64 * 2 ** 20, mostOfOne = 4 * 2 ** 20 } = {}) {
    this.#mostBytes = mostBytes;
    this.#mostOfOne = mostOfOne;
  }

  /** After a write that did not go out at once. False: this answer is larger than any that we hold; let its service wait. */
  holds(response: ServerResponse): boolean {
    if (!this.#waiting.has(response)) {
      if (response.destroyed) return true;
      response.on('drain', () => this.#note(response, 0)).once('close', () => this.#remove(response));
    }
    this.#note(response, response.writableLength);
    while (this.#bytes > this.#mostBytes) this.#letGo();
    return response.writableLength <= this.#mostOfOne;
  }

  #note(response: ServerResponse, bytes: number): void {
    this.#bytes += bytes - (this.#waiting.get(response) ?? 0);
    this.#waiting.set(response, bytes);
  }

  #remove(response: ServerResponse): void {
    this.#note(response, 0);
    this.#waiting.delete(response);
  }

  #letGo(): void {
    const bySocket = Map.groupBy(this.#waiting, ([{ req }]) => req.socket);
    const held = (entries: readonly [ServerResponse, number][]) => entries.reduce((sum, [, bytes]) => sum + bytes, 0);
    const [socket, entries] = [...bySocket].reduce((most, one) => (held(one[1]) > held(most[1]) ? one : most));
    for (const [response] of entries) this.#note(response, 0);
    socket.destroy();
  }
}
