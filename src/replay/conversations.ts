/**
 * All TCP connections of a replay: found by their four numbers, bounded in count. What is over is handed on, the oldest
 * first, when there is no more room and at the end.
 */
import type { IpPacket } from '../net/ip/packet.js';
import type { Random } from '../net/random.js';
import { ConnectionTable } from '../net/tcp/parts/connection-table.js';
import type { Sequence } from '../net/tcp/sequence.js';
import { IpAddress } from '../net/wire/address.js';
import { ACK, SYN } from '../net/wire/tcp.js';
import { Conversation } from './conversation.js';
import type { FrameView } from './frame-view.js';

/** Connections that are remembered at a time. */
export const MAX_CONVERSATIONS = 16_384;
/** An open one at the front of the line goes to its end; after so many the front one must go. */
const MAX_PASSED_OVER = 64;

export class Conversations {
  readonly #table: ConnectionTable<Conversation>;
  readonly #onOver: (conversation: Conversation) => void;
  readonly #sameStream: boolean;
  /** In the order of their beginning, from `#first` on; before that, nothing. */
  #line: (Conversation | null)[] = [];
  #first = 0;
  /** Connections seen so far. */
  count = 0;

  /** @param onOver called once for each, when nothing more is expected of it */
  constructor(random: Random, sameStream: boolean, onOver: (conversation: Conversation) => void) {
    this.#table = new ConnectionTable(random);
    this.#sameStream = sameStream;
    this.#onOver = onOver;
  }

  /** The conversation of a segment that the client sent (its addresses as in `packet`). */
  find(packet: IpPacket, remotePort: number, localPort: number): Conversation | null {
    return this.#table.find(packet, remotePort, localPort);
  }

  findTuple(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Conversation | null {
    return this.#table.findTuple(local, localPort, remote, remotePort);
  }

  /** The conversation of the client's segment in `view`; a new one if there is none or a new one begins. */
  ofClient(view: FrameView, time: number): Conversation {
    const { packet, sourcePort, destinationPort } = view;
    const known = this.#table.find(packet, sourcePort, destinationPort);
    if (known !== null && !beginsAnew(known, view)) return known;
    if (known !== null) this.#retire(known);
    const server = new IpAddress(packet.destination0, packet.destination1, packet.destination2, packet.destination3);
    const client = new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3);
    return this.#add(server, destinationPort, client, sourcePort, time);
  }

  /** The same for a segment that the recorded server sent. */
  ofServer(view: FrameView, time: number): Conversation {
    const { packet, sourcePort, destinationPort } = view;
    const server = new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3);
    const client = new IpAddress(packet.destination0, packet.destination1, packet.destination2, packet.destination3);
    const known = this.#table.findTuple(server, sourcePort, client, destinationPort);
    return known ?? this.#add(server, sourcePort, client, destinationPort, time);
  }

  /** Hands on all that are left, in the order in which they began. */
  finish(): void {
    const left = this.#line.filter((each) => each !== null).sort((a, b) => a.number - b.number);
    this.#line = [];
    this.#first = 0;
    for (const conversation of left) this.#end(conversation);
  }

  #add(server: IpAddress, port: number, client: IpAddress, clientPort: number, time: number): Conversation {
    const made = new Conversation(++this.count, server, port, client, clientPort, this.#sameStream);
    made.firstTime = made.lastTime = time;
    this.#table.add(made);
    this.#line.push(made);
    if (this.#line.length - this.#first > MAX_CONVERSATIONS) this.#retireOldest();
    return made;
  }

  #retireOldest(): void {
    for (let passed = 0; passed < MAX_PASSED_OVER && this.#line[this.#first]!.live !== null; passed++) {
      this.#line.push(this.#line[this.#first]!);
      this.#line[this.#first++] = null;
    }
    this.#retire(this.#line[this.#first]!);
  }

  #retire(conversation: Conversation): void {
    const at = this.#line.indexOf(conversation, this.#first);
    this.#line[at] = this.#line[this.#first]!;
    this.#line[this.#first++] = null;
    if (this.#first > MAX_CONVERSATIONS) {
      this.#line = this.#line.slice(this.#first);
      this.#first = 0;
    }
    this.#end(conversation);
  }

  #end(conversation: Conversation): void {
    this.#table.delete(conversation);
    this.#onOver(conversation);
  }
}

/** A SYN with another number: the client uses its port again. */
function beginsAnew(known: Conversation, view: FrameView): boolean {
  if ((view.flags & (SYN | ACK)) !== SYN) return false;
  const isn: Sequence = view.sequence;
  return known.clientKnown && known.clientIsn !== isn;
}
