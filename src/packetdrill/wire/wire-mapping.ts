/**
 * Translates between the numbers of a script and those of the live connection. A script counts from the two SYNs. The
 * stack chooses its own initial sequence number, timestamps and ports. Each is learnt when it first appears, and must
 * not change after that.
 *
 *     script SYN  S 0:0(0)      <->  live ISN 0x7a3b…        sequence: + live ISN after the SYN
 *     script      TS val 100    <->  live TSval 0x51c0…      timestamps: by table, else by distance
 */
import type { TcpOption } from '../language/ast.js';
import type { LiveTcp } from './live-packet.js';

const wrap = (value: number) => value >>> 0;

/** One connection, from our stack ("local") to the scripted peer ("remote"). */
export class WireMapping {
  /** The stack's initial sequence number, live and in the script; `undefined` until a SYN of it is seen, or named. */
  #localLive: number | undefined;
  #localScript: number | undefined;
  /** The peer's, which the script chooses. */
  #remote = 0;
  /** TSval of the stack: script to live; and the first pair, from which others are reckoned. */
  readonly #timestamps = new Map<number, number>();
  #firstScriptStamp = 0;
  #firstLiveStamp: number | undefined;

  /** Flow labels: the script's to the live ones. */
  readonly #flowLabels = new Map<number, number>();

  constructor(
    readonly localPort: number,
    readonly remotePort: number,
  ) {}

  /** The stack's first SYN or SYN-ACK. A later one has to have the same number, so it changes nothing. */
  learnLocal(live: number): void {
    this.#localLive ??= live;
  }

  /** The number that the script has for the stack's first SYN or SYN-ACK; later ones change nothing. */
  nameLocal(script: number): void {
    this.#localScript ??= script;
  }

  /** The stack may choose another initial sequence number: the connection that had this one is over. */
  forgetLocal(): void {
    this.#localLive = undefined;
    this.#localScript = undefined;
  }

  /** The peer's SYN or SYN-ACK. */
  learnRemote(script: number): void {
    this.#remote = script;
  }

  /** The stack's initial sequence number. */
  get localInitial(): number {
    return this.#localLive ?? 0;
  }

  /** The peer's. */
  get remoteInitial(): number {
    return this.#remote;
  }

  /** A sequence number of the peer, script to live. On a SYN it is absolute, else relative to the peer's SYN. */
  remoteToLive(sequence: number, absolute: boolean): number {
    return wrap(absolute ? sequence : sequence + this.#remote);
  }

  /** An acknowledgment of the peer, or an edge in its SACK blocks. */
  localToLive(sequence: number, absolute: boolean): number {
    return wrap(sequence + (absolute ? this.#synOrigin : this.localInitial));
  }

  /** The offset into the peer's stream of bytes, counted from its SYN. */
  remoteOffset(live: number): number {
    return wrap(live - this.#remote - 1) | 0;
  }

  /** The offset into the stack's stream of bytes. */
  localOffset(live: number): number {
    return wrap(live - this.localInitial - 1) | 0;
  }

  /** Puts the script's numbers into a segment of the stack. */
  toScript(tcp: LiveTcp, expected: readonly TcpOption[] | undefined): LiveTcp {
    const syn = (tcp.flags & 2) !== 0;
    const local = syn ? this.#synOrigin : this.localInitial;
    const remote = syn ? 0 : this.#remote;
    const acknowledgment = tcp.flags & 0x10 ? wrap(tcp.acknowledgment - remote) : tcp.acknowledgment;
    return {
      ...tcp,
      sequence: this.#sequenceToScript(tcp, local),
      acknowledgment,
      options: tcp.options.map((option) => this.#optionToScript(option, remote, expected)),
    };
  }

  /** What to add to a number that the script has on a SYN, where numbers do not count from the SYN. */
  get #synOrigin(): number {
    return this.localInitial - (this.#localScript ?? 0);
  }

  /** RFC 9293 section 3.10.7.1: a RST in answer to a segment without ACK has the number 0, whatever went before. */
  #sequenceToScript(tcp: LiveTcp, local: number): number {
    const isZeroReset = (tcp.flags & 0x14) === 0x14 && tcp.sequence === 0;
    return isZeroReset ? 0 : wrap(tcp.sequence - local);
  }

  #optionToScript(option: TcpOption, remote: number, expected: readonly TcpOption[] | undefined): TcpOption {
    if (option.kind === 'sack') {
      return { ...option, blocks: option.blocks.map(([left, right]) => [wrap(left - remote), wrap(right - remote)]) };
    }
    if (option.kind !== 'TS') return option;
    const wanted = expected?.find((each) => each.kind === 'TS');
    if (wanted?.kind === 'TS') this.#learnStamp(wanted.value, option.value, wanted.anyValue);
    if (this.#firstLiveStamp === undefined) return option;
    return { ...option, value: wrap(option.value - this.#firstLiveStamp + this.#firstScriptStamp) };
  }

  #learnStamp(script: number, live: number, any: boolean): void {
    if (!any) this.#timestamps.set(script, live);
    if (this.#firstLiveStamp !== undefined) return;
    this.#firstScriptStamp = script;
    this.#firstLiveStamp = live;
  }

  /** The peer's echo of a timestamp, script to live: exact if the script has named the stamp, else by distance. */
  echoToLive(script: number): number {
    const exact = this.#timestamps.get(script);
    if (exact !== undefined) return exact;
    if (this.#firstLiveStamp === undefined) return script;
    return wrap(script - this.#firstScriptStamp + this.#firstLiveStamp);
  }

  /**
   * True if this live flow label fits that of the script: each label of the script stands for one live label, always
   * the same, and two never stand for one. A live label of 0 is none.
   */
  flowLabelMatches(script: number, live: number): boolean {
    const known = this.#flowLabels.get(script);
    if (known !== undefined) return known === live;
    const isTaken = [...this.#flowLabels.values()].includes(live);
    this.#flowLabels.set(script, live);
    return live !== 0 && !isTaken;
  }
}
