/** The connections of a module in one worker, and how many of them each client has. */
export class ConnectionCount {
  #count = 0;
  readonly #byClient = new Map<string, number>();

  /** One more. False: there are too many. */
  add(client: string, most: number, mostPerClient: number): boolean {
    const own = this.#byClient.get(client) ?? 0;
    if (this.#count >= most || own >= mostPerClient) return false;
    this.#count++;
    this.#byClient.set(client, own + 1);
    return true;
  }

  remove(client: string): void {
    this.#count--;
    const own = (this.#byClient.get(client) ?? 1) - 1;
    if (own === 0) this.#byClient.delete(client);
    else this.#byClient.set(client, own);
  }
}
