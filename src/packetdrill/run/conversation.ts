/**
 * The connections of a script. A script names no addresses and seldom ports. It speaks of "the" connection, the one
 * that was opened last. A packet with ports of its own can speak of another.
 */

import type { IpAddress } from '../../net/wire/address.js';
import type { Packet, Ports, TcpBody } from '../language/ast.js';
import type { TcpSocket } from '../sockets/tcp-socket.js';
import type { Ends } from '../wire/frame-builder.js';
import { AE, type LivePacket, type LiveTcp } from '../wire/live-packet.js';
import { WireMapping } from '../wire/wire-mapping.js';

/** Ports of the scripted peer when it opens a connection. */
const FIRST_REMOTE_PORT = 40_000;
/** Below this path MTU the stack no longer forbids fragmentation over IPv4 (Linux: `ip_rt_min_pmtu`). */
const LEAST_PATH_MTU = 552;
const SYN = 2;
const RST = 4;
const ACK = 16;
const ECE = 64;
const CWR = 128;

export class Conversation {
  /** The socket of our side, once there is one. */
  socket: TcpSocket | undefined;
  /** The socket that listened on the port when the connection began. */
  listener: TcpSocket | undefined;
  readonly mapping: WireMapping;
  /** A SYN-ACK of the stack agreed on ECN: segments may be marked as ECN-capable. */
  ecnCapable = false;
  /** A router said that the path takes only smaller packets, so the stack may let routers cut them. */
  pathIsNarrow = false;
  /** The stack has answered a SYN of the peer, and no reset came since. */
  #answered = false;
  /** The connection was reset, or the peer has sent a SYN on top of it: the next SYN of the stack has a new number. */
  #mayReopen = false;

  constructor(
    readonly ends: Ends,
    readonly localPort: number,
    readonly remotePort: number,
  ) {
    this.mapping = new WireMapping(localPort, remotePort);
  }

  owns(packet: LivePacket): boolean {
    return packet.tcp?.sourcePort === this.localPort && packet.tcp.destinationPort === this.remotePort;
  }

  /**
   * The stack has sent a segment. Its first SYN gives its initial sequence number, and its SYN-ACK says which SYN of
   * the peer it has taken. A SYN that comes again must have the same number, unless another connection may begin.
   */
  observe({ flags, sequence, acknowledgment }: LiveTcp): void {
    if (flags & SYN) {
      if (this.#mayReopen) this.mapping.forgetLocal();
      this.#mayReopen = false;
      this.mapping.learnLocal(sequence);
    }
    if ((flags & (SYN | ACK)) === (SYN | ACK)) {
      this.mapping.learnRemote((acknowledgment - 1) >>> 0);
      this.#answered = true;
      if (flags & (ECE | CWR | AE)) this.ecnCapable = true;
    }
    if (flags & RST) this.#reset();
  }

  /** The peer, or a router on the way to it, is about to send this. */
  sends(body: Packet['body']): void {
    if (body.protocol === 'tcp') this.#sendsSegment(body);
    else if (body.protocol === 'icmp' && body.mtu !== undefined && body.mtu < LEAST_PATH_MTU) this.pathIsNarrow = true;
  }

  /**
   * The peer sends a segment. Its SYN gives its initial sequence number as long as none has been answered; a SYN on an
   * open connection does not.
   */
  #sendsSegment({ flags, sequence }: TcpBody): void {
    if (flags.rst) this.#reset();
    if (!flags.syn) return;
    const opening = this.socket === undefined || this.socket.state === 'connecting';
    if (opening && !this.#answered) this.mapping.learnRemote(sequence.first);
    if (!opening) this.#mayReopen = true;
    if (flags.ack && (flags.ece || flags.cwr || flags.ae)) this.ecnCapable = true;
  }

  #reset(): void {
    this.#answered = false;
    this.#mayReopen = true;
  }
}

export class Conversations {
  current: Conversation | undefined;
  readonly #all: Conversation[] = [];
  readonly #listeners = new Map<number, TcpSocket>();
  #nextRemotePort = FIRST_REMOTE_PORT;
  #connecting: { readonly remote: IpAddress; readonly remotePort: number; readonly socket: TcpSocket } | undefined;
  /** A listening socket waits for its first SYN, so the next packet of the peer opens a connection. */
  #listening = true;
  #listenPort: number;
  readonly #ends: Ends;

  /** @param bindPort where the stack listens unless a script says otherwise */
  constructor(bindPort: number, ends: Ends) {
    this.#listenPort = bindPort;
    this.#ends = ends;
  }

  /** A socket listens, so the peer's next packet belongs to a new connection. */
  listens(socket: TcpSocket): void {
    this.#listeners.set(socket.localPort, socket);
    this.#listenPort = socket.localPort;
    this.#listening = true;
    this.current = undefined;
  }

  /** A socket is about to connect: the stack's next SYN to that port is the socket's, and tells our port. */
  willConnect(remote: IpAddress, remotePort: number, socket: TcpSocket): void {
    this.#listening = false;
    this.#connecting = { remote, remotePort, socket };
  }

  /** A listener has accepted. */
  accepted(localPort: number, remotePort: number, socket: TcpSocket): void {
    const found = this.#all.find((each) => each.localPort === localPort && each.remotePort === remotePort);
    if (found !== undefined) found.socket = socket;
  }

  /** The connection of a packet in the script. A packet from the peer may open one. */
  ofScript(packet: Packet): Conversation {
    const ports = packet.body.protocol === 'icmp' ? undefined : packet.body.ports;
    if (ports !== undefined) return this.#withPorts(packet, ports);
    const opens = packet.direction === 'in' && this.#listening;
    if (opens || this.current === undefined) {
      this.#listening = false;
      return this.#add(this.#ends, this.#listenPort, this.#nextRemotePort++);
    }
    return this.current;
  }

  /** The connection of a packet that the stack has sent. Its SYN may open one. */
  ofLive(packet: LivePacket): Conversation | undefined {
    const connecting = this.#connecting;
    const port = connecting === undefined ? undefined : openedPort(packet, connecting.remotePort);
    if (connecting !== undefined && port !== undefined) {
      this.#connecting = undefined;
      const ends = { ...this.#ends, remote: connecting.remote };
      const conversation = this.#add(ends, port, connecting.remotePort);
      conversation.socket = connecting.socket;
      return conversation;
    }
    return this.#all.findLast((each) => each.owns(packet));
  }

  #withPorts(packet: Packet, { source, destination }: Ports): Conversation {
    const [local, remote] = packet.direction === 'in' ? [destination, source] : [source, destination];
    // A datagram belongs to no connection.
    if (packet.body.protocol !== 'tcp') return new Conversation(this.#ends, local, remote);
    const known = this.#all.findLast((each) => each.localPort === local && each.remotePort === remote);
    if (known !== undefined && !opensAgain(packet)) {
      this.current = known;
      return known;
    }
    this.#listening = false;
    return this.#add(this.#ends, local, remote);
  }

  #add(ends: Ends, localPort: number, remotePort: number): Conversation {
    const conversation = new Conversation(ends, localPort, remotePort);
    conversation.listener = this.#listeners.get(localPort);
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

/** The port that the stack opens a connection from, if this is its SYN (without ACK) to `remotePort`. */
function openedPort({ tcp }: LivePacket, remotePort: number): number | undefined {
  const opens = tcp !== undefined && tcp.destinationPort === remotePort && (tcp.flags & (SYN | ACK)) === SYN;
  return opens ? tcp.sourcePort : undefined;
}
