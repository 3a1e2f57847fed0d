/**
 * One TCP connection from a host made of frames (test/support/raw-host.ts), in relative numbers, for scenarios that are
 * played to two stacks. What comes is kept with its time; what a scenario says of it leaves out what may differ
 * (numbers of the wire, where data is cut).
 */
import type { ArrivedSegment, RawHost } from '../../test/support/raw-host.js';
import type { OptionFields } from '../../test/support/tcp-segment.js';

/** A segment of the server, in relative numbers. */
export interface Heard {
  /** Milliseconds since the conversation's last word. */
  readonly after: number;
  readonly flags: string;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly segment: ArrivedSegment;
}

/** What a scenario says; the rest is what an ordinary client would say. */
export interface Said {
  readonly data?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly urgent?: number;
}

export interface Listening {
  /** Acknowledge data and FIN in order, as an ordinary client does. Default true. */
  readonly acknowledge?: boolean;
  /** Stop at the first segment. Default false. */
  readonly first?: boolean;
  /** Stop when something has come and nothing more for so many milliseconds. */
  readonly quiet?: number;
}

/** Our first sequence number. */
const ISN = 0x10203040;

export class Conversation {
  /** Relative: what we say next, and up to where we have heard all. */
  next = 0;
  heardTo = 0;
  window = 65_535;
  #peerIsn = 0;
  #lastWord = 0;

  constructor(
    readonly host: RawHost,
    readonly clientPort: number,
    readonly serverPort = 80,
  ) {}

  /**
   * The three-way handshake, with these options in the SYN and in the ACK; returns the SYN-ACK. @throws {Error} if none
   * comes.
   */
  open(options: OptionFields = { mss: 1460 }, last: OptionFields = {}): Heard {
    this.say('S', {}, options);
    const [synAck] = this.listen(1500, { acknowledge: false, first: true });
    if (synAck?.flags !== 'S.') throw new Error(`no SYN-ACK but ${synAck?.flags ?? 'nothing'}`);
    this.say('.', {}, last);
    return synAck;
  }

  /** Says one segment. */
  say(
    flags: string,
    { data = '', seq = this.next, ack = this.heardTo, window = this.window, urgent = 0 }: Said = {},
    options: OptionFields = {},
  ): void {
    const bytes = new TextEncoder().encode(data);
    this.#lastWord = performance.now();
    this.host.send({
      ...options,
      sourcePort: this.clientPort,
      destinationPort: this.serverPort,
      flags,
      sequence: (ISN + seq) >>> 0,
      acknowledgment: flags.includes('.') ? (this.#peerIsn + ack) >>> 0 : 0,
      window,
      urgent,
      data: bytes,
    });
    const end = seq + bytes.length + (/[SF]/.test(flags) ? 1 : 0);
    if (!flags.includes('R')) this.next = Math.max(this.next, end);
  }

  /** What the server says within so many milliseconds. */
  listen(milliseconds: number, { acknowledge = true, first = false, quiet = milliseconds }: Listening = {}): Heard[] {
    const heard: Heard[] = [];
    const end = performance.now() + milliseconds;
    for (let until = end; ; until = Math.min(end, performance.now() + quiet)) {
      const segment = this.#next(until);
      if (segment === undefined) return heard;
      const last = this.#hear(segment);
      heard.push(last);
      if (first) return heard;
      const since = this.#lastWord;
      if (acknowledge && (last.length > 0 || last.flags.includes('F'))) this.say('.');
      this.#lastWord = since;
    }
  }

  /** The next segment for this connection before `until`. */
  #next(until: number): ArrivedSegment | undefined {
    for (;;) {
      const segment = this.host.receive(Math.max(0, until - performance.now()));
      if (segment === undefined || segment.destinationPort === this.clientPort) return segment;
    }
  }

  #hear(segment: ArrivedSegment): Heard {
    if (segment.flags.includes('S')) this.#peerIsn = segment.sequence;
    const seq = (segment.sequence - this.#peerIsn) | 0;
    const length = segment.data.length;
    const end = seq + length + (/[SF]/.test(segment.flags) ? 1 : 0);
    if (seq <= this.heardTo && end > this.heardTo) this.heardTo = end;
    const ack = segment.flags.includes('.') ? (segment.acknowledgment - ISN) | 0 : 0;
    return { after: performance.now() - this.#lastWord, flags: segment.flags, seq, ack, length, segment };
  }
}
