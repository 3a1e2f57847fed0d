/** `--connections`: one row for each TCP connection. */
import { placeName } from '../place-name.js';
import { printable } from '../print/printable.js';
import type { Style } from '../print/style.js';
import type { Connection } from '../tcp/connections.js';
import { secondsText } from '../time.js';
import type { Print, Report } from './report.js';

/** At most this many forgotten connections are kept, to be sorted with the others. Then they are printed. */
const MAX_KEPT = 65_536;

const HEAD = [
  '#',
  'client',
  'server',
  'frames',
  'sent',
  'received',
  'start',
  'duration',
  'RTT',
  'again',
  'end',
  'host',
];
/** Columns of text. The others are numbers and are aligned to the right. */
const TEXT_COLUMNS = ['client', 'server', 'end', 'host'];

/** A connection as an object for JSON. Times are seconds, counts are of data bytes and frames. */
export function connectionObject(connection: Connection, captureStart: number, place?: string): object {
  const { clientSide, serverSide, initialRtt } = connection;
  return {
    connection: connection.number,
    interface: place,
    client: connection.client,
    server: connection.server,
    frames: clientSide.frames + serverSide.frames,
    sent: clientSide.bytes,
    received: serverSide.bytes,
    start: seconds(connection.firstTime - captureStart),
    duration: seconds(connection.lastTime - connection.firstTime),
    rtt: initialRtt === undefined ? undefined : seconds(initialRtt),
    retransmissions: clientSide.retransmissions + serverSide.retransmissions,
    end: endOf(connection),
    host: connection.title === '' ? undefined : connection.title,
  };
}

export class ConnectionReport implements Report {
  readonly #print: Print;
  readonly #style: Style | 'json';
  /** The connections to be shown, and the name of the interface where each was seen. */
  readonly #shown = new WeakMap<Connection, string>();
  readonly #places = new Set<string>();
  #kept: Connection[] = [];
  #start: number | undefined;
  #hasHeader = false;

  constructor(print: Print, style: Style | 'json') {
    this.#print = print;
    this.#style = style;
  }

  frame: Report['frame'] = ({ info }, { place }) => {
    this.#start ??= info.time.microseconds - info.relative.microseconds;
    if (place === undefined || this.#shown.has(place.connection)) return;
    const name = placeName(place.connection.seenAt, info.interfaceName);
    this.#places.add(name);
    this.#shown.set(place.connection, name);
  };

  forgotten(connection: Connection): void {
    if (this.#shown.has(connection)) this.#kept.push(connection);
    if (this.#kept.length >= MAX_KEPT) this.#printKept();
  }

  end(connections: Iterable<Connection>): void {
    for (const connection of connections) if (this.#shown.has(connection)) this.#kept.push(connection);
    this.#printKept();
  }

  /** Undefined: all are of one interface. */
  #placeOf(connection: Connection): string | undefined {
    return this.#places.size > 1 ? this.#shown.get(connection) : undefined;
  }

  #printKept(): void {
    const start = this.#start ?? 0;
    const sorted = this.#kept.sort((a, b) => a.number - b.number);
    this.#kept = [];
    if (this.#style === 'json') {
      for (const connection of sorted) {
        this.#print(JSON.stringify(connectionObject(connection, start, this.#placeOf(connection))));
      }
      return;
    }
    const rows = sorted.map((connection) => row(connection, start, this.#placeOf(connection)));
    const all = [HEAD, ...rows];
    const widths = HEAD.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
    if (!this.#hasHeader) this.#print(this.#style.colors.bold(aligned(HEAD, widths)));
    this.#hasHeader = true;
    for (const cells of rows) this.#print(printable(aligned(cells, widths)));
  }
}

function row(connection: Connection, start: number, place: string | undefined): string[] {
  const { client, server, clientSide, serverSide, initialRtt } = connection;
  return [
    String(connection.number),
    `${client.address}.${client.port}`,
    `${server.address}.${server.port}`,
    String(clientSide.frames + serverSide.frames),
    String(clientSide.bytes),
    String(serverSide.bytes),
    seconds(connection.firstTime - start),
    seconds(connection.lastTime - connection.firstTime),
    initialRtt === undefined ? '-' : seconds(initialRtt),
    String(clientSide.retransmissions + serverSide.retransmissions),
    endOf(connection),
    place === undefined ? connection.title : `${connection.title} on ${place}`.trimStart(),
  ];
}

function aligned(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => {
    const width = widths[column] ?? 0;
    return TEXT_COLUMNS.includes(HEAD[column] ?? '') ? cell.padEnd(width) : cell.padStart(width);
  });
  return padded.join('  ').trimEnd();
}

function seconds(microseconds: number): string {
  return secondsText({ microseconds, nanoseconds: 0 }, 6);
}

/** How the connection stood when the capture ended. */
function endOf({ wasReset, clientSide, serverSide }: Connection): string {
  if (wasReset) return 'reset';
  if (clientSide.finished && serverSide.finished) return 'closed';
  if (clientSide.finished || serverSide.finished) return 'half closed';
  if (serverSide.frames === 0 && clientSide.bytes === 0) return 'no answer';
  return 'open';
}
