/**
 * The programs of the oracle's connections. They do all that a program may do, by chance, and write down every call.
 * The chance of a connection comes from its number alone, so the same connection of two stacks has the same program.
 */
import type { CloseReason, Connection, ConnectionHandler } from '../../src/net/tcp/handler.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { Choices } from './choices.js';

/** Lengths of answers, bytes. */
const LENGTHS = [1, 40, 120, 536, 1000, 1448, 1460, 1500, 2900, 5000, 16_384, 100_000, 400_000];

/** Both worlds send from the same memory, so that no comparison has to read it. */
const MEMORY = LENGTHS.map((length) => bytesOf(length));
const TABLES = MEMORY.map((bytes) => {
  const table = new Uint16Array(SummedBytes.tableLength(bytes.length));
  SummedBytes.fillTable(bytes, table);
  return table;
});
/** So many of the lengths are ordinary. */
const ORDINARY = 8;

/** The bytes that the programs of one stack send from: they know who reads them. */
export class Bodies {
  readonly #summed = MEMORY.map((bytes, i) => SummedBytes.withTable(bytes, TABLES[i] ?? new Uint16Array()));
  readonly #plain = MEMORY.slice(0, ORDINARY).map((bytes) => SummedBytes.plain(bytes));

  take(choices: Choices): SummedBytes {
    if (choices.oneIn(4)) return choices.of(this.#plain);
    return choices.of(choices.oneIn(40) ? this.#summed : this.#summed.slice(0, ORDINARY));
  }
}

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13) & 255);
}

export class OracleProgram implements ConnectionHandler {
  isOver = false;
  readonly #connection: Connection;
  readonly #bodies: Bodies;
  readonly #choices: Choices;
  readonly #log: (text: string) => void;
  /** How many calls pass between two rare deeds: some programs are wild and others hardly ever. */
  readonly #calm: number;

  constructor(connection: Connection, bodies: Bodies, seed: number, log: (text: string) => void) {
    this.#connection = connection;
    this.#bodies = bodies;
    this.#choices = new Choices(seed);
    this.#log = log;
    this.#calm = this.#choices.of([5, 50, 500]);
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    let total = 0;
    for (let i = from; i < to; i++) total = (total * 31 + bytes[i]!) | 0;
    this.#log(`received ${to - from} ${total}`);
    const taken = this.#choices.oneIn(this.#calm) ? this.#choices.between(0, to - from) : to - from;
    if (!this.#choices.oneIn(5)) this.#answer();
    this.#perhapsRare();
    return this.isOver ? to - from : taken;
  }

  acknowledged(): void {
    this.#log('acknowledged');
    if (this.#choices.oneIn(3 * this.#calm)) this.#answer();
    if (this.#choices.oneIn(10)) this.#connection.resume();
    this.#perhapsRare();
  }

  ended(): void {
    this.#log('ended');
    if (!this.#choices.oneIn(10)) this.#connection.close();
  }

  timedOut(): void {
    this.#log('timed out');
    this.act();
  }

  closed(reason: CloseReason, code?: string): void {
    this.#log(`closed ${reason} ${code}`);
    this.isOver = true;
  }

  troubled(): void {
    this.#log('troubled');
  }

  urgent(): void {
    this.#log(`urgent ${this.#connection.urgentBytes}`);
  }

  softError(type: number, code: number): void {
    this.#log(`soft error ${type} ${code}`);
    this.#perhapsRare();
  }

  /** Something outside of a callback: what it sends has to be flushed. */
  act(): void {
    if (this.isOver) return;
    if (this.#choices.oneIn(2)) this.#answer();
    else this.#rare();
    if (!this.isOver && !this.#choices.oneIn(4)) this.#connection.flush();
  }

  /** An answer in one to four pieces, as a cache has them. */
  #answer(): void {
    const pieces = this.#choices.oneIn(50) ? this.#choices.between(60, 80) : this.#choices.between(1, 4);
    for (let i = 0; i < pieces; i++) {
      const body = this.#bodies.take(this.#choices);
      const from = this.#choices.oneIn(3) ? this.#choices.below(body.length) : 0;
      this.#connection.send(body, from, body.length, this.#choices.oneIn(3 * this.#calm));
    }
  }

  #perhapsRare(): void {
    if (!this.isOver && this.#choices.oneIn(this.#calm)) this.#rare();
  }

  #rare(): void {
    const choices = this.#choices;
    const connection = this.#connection;
    const deed = choices.below(25);
    if (deed < 4) connection.setTimeout(choices.of([0, 1000, 50_000, 3_000_000]));
    else if (deed < 7) connection.cork = !connection.cork;
    else if (deed < 9) connection.noDelay = !connection.noDelay;
    else if (deed < 12) connection.resume();
    else if (deed === 12) connection.receiveBuffer = choices.of([2048, 10_000, 65_536, 1_000_000]);
    else if (deed === 13) connection.trafficClass = choices.of([0, 8, 184]);
    else if (deed === 14) connection.timeToLive = choices.of([0, 1, 255]);
    else if (deed === 15) connection.minimumTimeToLive = choices.of([0, 0, 60, 255]);
    else if (deed === 16) connection.userTimeout = choices.of([0, 400_000, 30_000_000]);
    else if (deed === 17) connection.keepAlive = choices.oneIn(2) ? null : KEEP_ALIVE;
    else if (deed === 18) connection.maxSegment = choices.of([100, 536, 1000, 1460]);
    else if (deed === 19) this.#log(JSON.stringify(connection.info(), (_, value) => String(value)).slice(0, 40));
    else if (deed === 20) connection.pacingRate = choices.of([0, 20_000, 500_000, 10_000_000]);
    else if (choices.oneIn(3)) this.#end(choices.below(6));
  }

  #end(how: number): void {
    if (how < 3) this.#connection.close();
    else if (how < 5) this.#connection.detach();
    else this.#connection.abort();
    if (how >= 3) this.isOver = true;
  }
}

const KEEP_ALIVE = { idle: 2_000_000, interval: 500_000, probes: 3 };
