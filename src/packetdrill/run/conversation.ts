/**
 * The connections of a script. A script names no addresses and seldom ports: it speaks of "the" connection, which is
 * the one that was last opened. Packets with ports of their own can speak of others beside it.
 */
import type { Packet, Ports, TcpBody } from '../language/ast.js';
import type { TcpSocket } from '../sockets/tcp-socket.js';
import type { LivePacket } from '../wire/live-packet.js';
import { WireMapping } from '../wire/wire-mapping.js';

/** Ports of the scripted peer when it opens a connection. */
const FIRST_REMOTE_PORT = 40_000;
const SYN = 2;
const RST = 4;
const ACK = 16;

export class Conversation {
  /** The socket of our side, once there is one. */
  socket: TcpSocket | undefined;
  readonly mapping: WireMapping;
  /** The stack has answered a SYN of the peer, and nobody has reset that since. */
  #answered = false;

  constructor(
    readonly localPort: number,
    readonly remotePort: number,
  ) {
    this.mapping = new WireMapping(localPort, remotePort);
  }

  owns(packet: LivePacket): boolean {
    return packet.tcp?.sourcePort === this.localPort && packet.tcp.destinationPort === this.remotePort;
  }

  /** Learns the stack's initial sequence number from its SYN, and from its SYN-ACK which SYN of the peer it has taken. */
  observe(packet: LivePacket): void {
    const { flags, sequence, acknowledgment } = packet.tcp!;
    if (flags & SYN) this.mapping.learnLocal(sequence, 0);
    if ((flags & (SYN | ACK)) === (SYN | ACK)) {
      this.mapping.learnRemote((acknowledgment - 1) >>> 0);
      this.#answered = true;
    }
    if (flags & RST) this.#answered = false;
  }

  /** The peer sends: its SYN is the one that counts as long as none has been answered; on an open connection, none does. */
  sends(body: TcpBody): void {
    if (body.flags.rst) this.#answered = false;
    const opening = this.socket === undefined || this.socket.state === 'connecting';
    if (body.flags.syn && opening && !this.#answered) this.mapping.learnRemote(body.sequence.first);
  }
}

export class Conversations {
  current: Conversation | undefined;
  readonly #all: Conversation[] = [];
  #nextRemotePort = FIRST_REMOTE_PORT;
  #connecting: { readonly remotePort: number; readonly socket: TcpSocket } | undefined;
  /** A listening socket waits for its first SYN: the next packet of the peer opens a connection. */
  #listening = true;
  #listenPort: number;

  constructor(bindPort: number) {
    this.#listenPort = bindPort;
  }

  /** A socket listens: the peer's next packet belongs to a new connection. */
  listens(port: number): void {
    this.#listenPort = port;
    this.#listening = true;
    this.current = undefined;
  }

  /** A socket connects to this port: the next SYN of the stack to it is its own, and says from which. */
  willConnect(remotePort: number, socket: TcpSocket): void {
    this.#listening = false;
    this.#connecting = { remotePort, socket };
  }

  /** A listener has accepted. */
  accepted(localPort: number, remotePort: number, socket: TcpSocket): void {
    const found = this.#all.find((each) => each.localPort === localPort && each.remotePort === remotePort);
    if (found !== undefined) found.socket = socket;
  }

  /** The connection that a packet of the script belongs to; a packet from the peer may open one. */
  ofScript(packet: Packet): Conversation {
    const ports = packet.body.protocol === 'icmp' ? undefined : packet.body.ports;
    if (ports !== undefined) return this.#withPorts(packet, ports);
    const opens = packet.direction === 'in' && this.#listening;
    if (opens || this.current === undefined) {
      this.#listening = false;
      return this.#add(this.#listenPort, this.#nextRemotePort++);
    }
    return this.current;
  }

  /** The connection of a packet that the stack has sent; its SYN may be the first of it. */
  ofLive(packet: LivePacket): Conversation | undefined {
    const connecting = this.#connecting;
    if (connecting !== undefined && opensFromHere(packet, connecting.remotePort)) {
      this.#connecting = undefined;
      const conversation = this.#add(packet.tcp!.sourcePort, connecting.remotePort);
      conversation.socket = connecting.socket;
      return conversation;
    }
    return this.#all.findLast((each) => each.owns(packet));
  }

  #withPorts(packet: Packet, { source, destination }: Ports): Conversation {
    const [local, remote] = packet.direction === 'in' ? [destination, source] : [source, destination];
    // Datagrams are beside all connections.
    if (packet.body.protocol !== 'tcp') return new Conversation(local, remote);
    const known = this.#all.findLast((each) => each.localPort === local && each.remotePort === remote);
    if (known !== undefined && !opensAgain(packet)) {
      this.current = known;
      return known;
    }
    this.#listening = false;
    return this.#add(local, remote);
  }

  #add(localPort: number, remotePort: number): Conversation {
    const conversation = new Conversation(localPort, remotePort);
    this.#all.push(conversation);
    this.current = conversation;
    return conversation;
  }
}

/** A SYN of the peer on ports that were used before begins a new connection, with new numbers. */
function opensAgain(packet: Packet): boolean {
  return packet.direction === 'in' && packet.body.protocol === 'tcp' && isSyn(packet.body);
}

function isSyn(body: TcpBody): boolean {
  return body.flags.syn && !body.flags.ack;
}

/** True for a SYN of the stack, without ACK, to this port. */
function opensFromHere({ tcp }: LivePacket, remotePort: number): boolean {
  return tcp !== undefined && tcp.destinationPort === remotePort && (tcp.flags & (SYN | ACK)) === SYN;
}
