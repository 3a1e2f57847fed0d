/** A capture of many clients at one server, for the replay benchmark: 50 connections at a time, four requests each. */
import { CaptureOutput } from '../src/capture/file/output.js';
import { INBOUND, OUTBOUND } from '../src/capture/format/pcapng-format.js';
import { PcapngWriter } from '../src/capture/format/pcapng-writer.js';
import { IpAddress } from '../src/net/wire/address.js';
import { writeUint16 } from '../src/net/wire/bytes.js';
import { finish, sum } from '../src/net/wire/checksum.js';
import * as ethernet from '../src/net/wire/ethernet.js';
import * as ipv4 from '../src/net/wire/ipv4.js';
import * as tcp from '../src/net/wire/tcp.js';
import { writeMss } from '../src/net/wire/tcp-options.js';

const CONCURRENT = 50;
const REQUESTS = 4;
const MICROSECONDS_A_FRAME = 20;
const START = 1_700_000_000_000_000;
const REQUEST = new TextEncoder().encode('GET /index.html HTTP/1.1\r\nHost: server\r\nUser-Agent: bench\r\n\r\n');
const RESPONSE = new TextEncoder().encode(`HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n${'x'.repeat(300)}`);
const NOTHING = new Uint8Array(0);
const SERVER = IpAddress.parse('10.77.0.2');
const MACS = [Uint8Array.of(2, 0, 0, 0, 0, 1), Uint8Array.of(2, 0, 0, 0, 0, 2)] as const;

/** One connection's script: who speaks, flags, data. */
type Step = readonly [fromClient: boolean, flags: number, data: Uint8Array];

const SCRIPT: readonly Step[] = [
  [true, tcp.SYN, NOTHING],
  [false, tcp.SYN | tcp.ACK, NOTHING],
  [true, tcp.ACK, NOTHING],
  ...Array.from({ length: REQUESTS }, (): Step[] => [
    [true, tcp.ACK | tcp.PSH, REQUEST],
    [false, tcp.ACK | tcp.PSH, RESPONSE],
    [true, tcp.ACK, NOTHING],
  ]).flat(),
  [true, tcp.ACK | tcp.FIN, NOTHING],
  [false, tcp.ACK | tcp.FIN, NOTHING],
  [true, tcp.ACK, NOTHING],
];

class Talk {
  #step = 0;
  readonly #next = [0, 0];
  readonly #frame = new Uint8Array(2048);

  constructor(
    readonly client: IpAddress,
    readonly port: number,
  ) {
    this.#next[0] = (port * 2_654_435_761) | 0;
    this.#next[1] = (port * 40_503) | 0;
  }

  get done(): boolean {
    return this.#step === SCRIPT.length;
  }

  /** Writes the next frame of the script. */
  write(writer: PcapngWriter, time: number): void {
    const [fromClient, flags, data] = SCRIPT[this.#step++]!;
    const length = this.#build(fromClient, flags, data);
    writer.writeFrame(0, time, fromClient ? INBOUND : OUTBOUND, this.#frame, 0, length);
  }

  #build(fromClient: boolean, flags: number, data: Uint8Array): number {
    const frame = this.#frame;
    const [from, to] = fromClient ? [0, 1] : [1, 0];
    const [source, destination] = fromClient ? [this.client, SERVER] : [SERVER, this.client];
    const ip = ethernet.HEADER_BYTES;
    const at = ip + ipv4.HEADER_BYTES;
    const header = tcp.TCP_HEADER_BYTES + (flags & tcp.SYN ? 4 : 0);
    ethernet.emit(frame, 0, MACS[to]!, MACS[from]!, ethernet.TYPE_IPV4);
    source.writeV4(frame, ip + ipv4.SOURCE);
    destination.writeV4(frame, ip + ipv4.DESTINATION);
    const addresses = sum(frame, ip + ipv4.SOURCE, at);
    const total = ipv4.HEADER_BYTES + header + data.length;
    ipv4.emit(frame, ip, 0, total, 0, ipv4.DONT_FRAGMENT, 64, 6, source.word3, destination.word3, addresses);
    const ports = fromClient ? [this.port, 80] : [80, this.port];
    const acknowledged = flags & tcp.ACK ? this.#next[to]! : 0;
    tcp.writeHeader(frame, at, ports[0]!, ports[1]!, this.#next[from]!, acknowledged, header, flags, 64_240);
    if (flags & tcp.SYN) writeMss(frame, at + tcp.TCP_HEADER_BYTES, 1460);
    frame.set(data, at + header);
    const end = at + header + data.length;
    writeUint16(frame, at + tcp.TCP_CHECKSUM_AT, finish(addresses + 6 + header + data.length + sum(frame, at, end)));
    this.#next[from] = (this.#next[from]! + data.length + (flags & (tcp.SYN | tcp.FIN) ? 1 : 0)) | 0;
    return end;
  }
}

/** Writes a capture of this many frames. */
export function writeCapture(path: string, frames: number): void {
  const output = new CaptureOutput(path);
  const writer = new PcapngWriter(output.write);
  writer.addInterface({ name: 'bench', clockStart: START });
  let made = 0;
  const talk = () => new Talk(IpAddress.v4(0x0a4d0100 + (made % 200)), 1024 + (Math.floor(made++ / 200) % 60_000));
  const open = Array.from({ length: CONCURRENT }, talk);
  for (let frame = 0; frame < frames; frame++) {
    const place = frame % CONCURRENT;
    if (open[place]!.done) open[place] = talk();
    open[place]!.write(writer, frame * MICROSECONDS_A_FRAME);
  }
  writer.close();
  output.close();
}
