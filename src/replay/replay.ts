/**
 * A replay: the frames of a capture that were sent to a server go to our stack instead, under the capture's own clock,
 * rebased to what our stack has answered. What it answers is written down and compared.
 *
 *     capture ─record→ FrameView ─┬─ to the server ──→ FrameBuilder → rebase → stack ─→ ReplayDevice → pcapng
 *                                 └─ from the server → Conversation (its numbers), RecordedApplication (its bytes)
 *
 * Deterministic: time is the capture's, chance a seed; the same capture gives the same bytes. Nothing is allocated for
 * a frame of a known connection, but what the stack's application says.
 */
import { INBOUND, LINK_ETHERNET, OUTBOUND } from '../capture/format/pcapng-format.js';
import type { PcapngWriter } from '../capture/format/pcapng-writer.js';
import type { CaptureRecord } from '../capture/format/record.js';
import { Clock } from '../net/clock.js';
import { IncomingFrame, type OutgoingFrame } from '../net/device/frame.js';
import { SeededRandom } from '../net/random.js';
import { createStack, type Stack } from '../net/stack.js';
import type { Acceptor, Connection, ConnectionHandler, Opener } from '../net/tcp/handler.js';
import { add } from '../net/tcp/sequence.js';
import type { TcpSettings } from '../net/tcp/settings.js';
import { type IpAddress, IpNetwork } from '../net/wire/address.js';
import { makeAcknowledgment } from './acknowledgment.js';
import { Addressing, FROM_SERVER, NEITHER, type PortSet } from './addressing.js';
import { ClientSide } from './client-side.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import { FrameBuilder } from './frame-builder.js';
import { FrameView } from './frame-view.js';
import { LiveSide } from './live-side.js';
import { OtherAnswers } from './other-answers.js';
import { RecordedApplication } from './recorded-application.js';
import { RecordedSide } from './recorded-side.js';
import { isOutgoingTcp, ReplayDevice } from './replay-device.js';
import { StreamComparison } from './stream-comparison.js';
import type { Survey } from './survey.js';
import { Timeline } from './timeline.js';
import { watch } from './watched-handler.js';

/** Ours in every replay. */
const SERVER_MAC = Uint8Array.of(0x02, 0xfa, 0x57, 0x00, 0x00, 0x02);
export const DEFAULT_MTU = 1500;
export const DEFAULT_SEED = 1;
/** A recorded server may have offered more; what its clients sent must fit. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
/** Acknowledgments made at one moment for one connection: each lets our stack send twice as much as the one before. */
const MAX_MADE_AT_ONCE = 10_000;

export interface ReplayOptions {
  /** The addresses whose part our stack takes. */
  readonly servers: readonly IpAddress[];
  readonly ports: PortSet;
  readonly survey: Survey;
  /**
   * Makes the program that serves instead of the recorded one, from the clock and the time of day at the first frame.
   */
  readonly application?: ((clock: Clock, startMicroseconds: number) => Acceptor) | undefined;
  /** Compare what both say, byte for byte (with another program than the recorded one). */
  readonly compareStreams?: boolean | undefined;
  /** Told of each connection when it is over. */
  readonly onConversation: (conversation: Conversation) => void;
  /** Takes the frames that the stack was given and those that it sent. */
  readonly output?: PcapngWriter | undefined;
  readonly fixChecksums?: boolean | undefined;
  readonly mtu?: number | undefined;
  readonly seed?: number | undefined;
  readonly tcp?: Partial<TcpSettings> | undefined;
}

export class Replay {
  readonly clock = new Clock();
  readonly stack: Stack;
  readonly conversations: Conversations;
  readonly timeline: Timeline;
  readonly builder: FrameBuilder;
  readonly otherAnswers = new OtherAnswers();
  /** Frames of the capture: all, those given to the stack, and those of the recorded server. */
  frames = 0;
  fed = 0;
  recorded = 0;
  /** Frames of no concern, by reason. */
  readonly ignored = new Map<string, number>();
  /** Frames that our stack sent; acknowledgments that the replay made. */
  answers = 0;
  made = 0;

  readonly #options: ReplayOptions;
  readonly #addressing: Addressing;
  readonly #view = new FrameView();
  readonly #otherView = new FrameView();
  readonly #device: ReplayDevice;
  readonly #incoming = new IncomingFrame(new Uint8Array(0));
  readonly #acknowledgment = new IncomingFrame(new Uint8Array(256));
  readonly #client: ClientSide;
  readonly #recordedSide: RecordedSide;
  readonly #liveSide: LiveSide;
  readonly #compares: boolean;
  #interface = -1;
  /** The time that the output adds to each time stamp. */
  #clockStart = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.builder = new FrameBuilder(SERVER_MAC, options.fixChecksums);
    this.#addressing = new Addressing(options.servers, options.ports, options.survey.askedOf(options.servers));
    const random = new SeededRandom(options.seed ?? DEFAULT_SEED);
    const sameStream = options.application === undefined;
    this.conversations = new Conversations(random, sameStream, options.onConversation);
    this.#client = new ClientSide(options.survey);
    this.#recordedSide = new RecordedSide(
      sameStream,
      (conversation) => this.#applicationOf(conversation),
      (conversation) => this.#open(conversation, sameStream),
    );
    this.#liveSide = new LiveSide(this.conversations);
    this.#compares = !sameStream && (options.compareStreams ?? false);
    const mtu = options.mtu ?? DEFAULT_MTU;
    this.#device = new ReplayDevice({ mac: SERVER_MAC, mtu, onSend: (frame) => this.#sent(frame) });
    this.stack = createStack({
      device: this.#device,
      clock: this.clock,
      random,
      addresses: this.#addressing.stackAddresses.map((address) => new IpNetwork(address, 0)),
      internet: { duplicateDetection: 'off', acceptRouterAdvertisements: false },
      tcp: {
        receiveBufferBytes: RECEIVE_BUFFER_BYTES,
        initialReceiveBufferBytes: RECEIVE_BUFFER_BYTES,
        ...options.tcp,
      },
    });
    this.timeline = new Timeline(this.clock, this.stack, () => this.#settle());
  }

  /** Takes the next frame of the capture. */
  feed(record: CaptureRecord): void {
    this.frames++;
    this.timeline.moveTo(record.microseconds);
    if (this.frames === 1) this.#begin(record.microseconds);
    const view = this.#view;
    if (!view.read(record.linkType, record.bytes, record.from, record.to)) {
      this.#ignore('neither IP nor ARP, or cut short');
      return;
    }
    const role = this.#addressing.classify(view);
    if (role === NEITHER) this.#ignore('between other hosts');
    else if (role === FROM_SERVER) this.#fromServer(view);
    else this.#toServer(record, view);
  }

  /** The capture is over: lets `linger` microseconds pass, then ends all conversations. */
  finish(linger: number): void {
    if (this.frames > 0) this.timeline.runUntil(this.clock.now + linger);
    this.conversations.finish();
  }

  /** At the first frame's time: the interface of the output, the announcement of our addresses, the ports. */
  #begin(microseconds: number): void {
    const { output, application, ports } = this.#options;
    const clockStart = this.timeline.offset;
    this.#clockStart = clockStart;
    if (output !== undefined) {
      this.#interface = output.addInterface({ name: 'replay', mac: SERVER_MAC, clockStart });
    }
    const program = application?.(this.clock, microseconds);
    const accept: Acceptor = (connection) => this.#accept(connection, program);
    for (const port of ports.list()) this.stack.listen(port, accept, { noDelay: true });
    this.stack.start();
    this.#settle();
  }

  #toServer(record: CaptureRecord, view: FrameView): void {
    const { builder } = this;
    const conversation = view.isTcp ? this.conversations.ofClient(view, this.clock.now) : null;
    if (conversation !== null && conversation.notPlayed !== undefined) {
      this.#ignore(conversation.notPlayed);
      return;
    }
    if (!builder.build(record, view)) {
      this.#ignore('longer than any frame');
      return;
    }
    this.fed++;
    const { frame } = builder;
    if (conversation === null) {
      this.#client.rebaseQuoted(frame, view, this.conversations);
      this.#give(frame);
      this.#settle();
      return;
    }
    if (this.#compares && conversation.comparison === null) conversation.comparison = new StreamComparison();
    conversation.lastTime = this.clock.now;
    const acknowledged = this.#client.rebase(conversation, view, frame.bytes, builder.tcpAt, builder.optionsTo);
    if (acknowledged) {
      conversation.application?.acknowledgedByClient(view.acknowledgment);
      conversation.comparison?.acknowledgedByClient(view.acknowledgment, conversation.recordedFin);
    }
    this.#give(frame);
    this.#look(conversation);
    this.#settle();
  }

  #fromServer(view: FrameView): void {
    this.recorded++;
    if (!view.isTcp) this.otherAnswers.note(view, 'recorded');
    if (!view.isTcp || view.isFragment) return;
    const conversation = this.conversations.ofServer(view, this.clock.now);
    conversation.lastTime = this.clock.now;
    this.#recordedSide.observe(conversation, view);
    conversation.sample();
    this.#settle();
  }

  #ignore(reason: string): void {
    this.ignored.set(reason, (this.ignored.get(reason) ?? 0) + 1);
  }

  /** The recorded server opens a connection itself: so does our stack, if it is to say what that said. */
  #open(conversation: Conversation, sameStream: boolean): void {
    if (!sameStream) {
      conversation.notPlayed = 'of a connection that the recorded server opened itself, which no program does here';
      return;
    }
    const { localAddress, localPort, remoteAddress, remotePort } = conversation;
    const application = this.#applicationOf(conversation);
    const opener: Opener = {
      connected: (connection) => {
        this.#look(conversation);
        application.connect(connection);
        return application;
      },
      failed: (reason) => application.closed(reason),
    };
    try {
      this.stack.connect({ address: remoteAddress, port: remotePort, localAddress, localPort }, opener);
    } catch (error) {
      conversation.notPlayed = `of a connection that our stack cannot open: ${(error as Error).message}`;
    }
    this.#look(conversation);
  }

  #give(frame: IncomingFrame, comment?: string): void {
    this.#write(frame, comment);
    this.stack.receive(frame);
  }

  #write(frame: IncomingFrame, comment: string | undefined): void {
    if (this.#interface < 0) return;
    const { bytes, from, to } = frame;
    this.#options.output!.writeFrame(this.#interface, this.#time, INBOUND, bytes, from, to, comment);
  }

  /** The capture's time, for the output: the clock, and the gaps that were shortened. */
  get #time(): number {
    return this.clock.now + this.timeline.offset - this.#clockStart;
  }

  /** The stack sends a frame. */
  #sent(frame: OutgoingFrame): void {
    this.answers++;
    if (this.#interface >= 0) this.#options.output!.writeOutgoing(this.#interface, this.#time, OUTBOUND, frame);
    if (isOutgoingTcp(frame)) this.#liveSide.observe(frame);
    else this.#noteOther(frame);
  }

  /** Reads it as if it had been recorded; there are few of these. */
  #noteOther(frame: OutgoingFrame): void {
    const bytes = new Uint8Array(frame.length);
    frame.copyTo(bytes);
    if (this.#otherView.read(LINK_ETHERNET, bytes, 0, bytes.length)) this.otherAnswers.note(this.#otherView, 'ours');
  }

  /** Gives the stack what its own frames call for: answers of neighbours, acknowledgments that were promised. */
  #settle(): void {
    do {
      while (this.#device.receive(this.#incoming))
        this.#give(this.#incoming, 'made by the replay: a neighbour answers');
      for (let touched = this.#liveSide.next(); touched !== null; touched = this.#liveSide.next()) {
        this.#acknowledgePromised(touched);
      }
    } while (this.#device.hasAnswers);
  }

  #acknowledgePromised(conversation: Conversation): void {
    conversation.sample();
    for (let i = 0; i < MAX_MADE_AT_ONCE && conversation.owesAcknowledgment; i++) {
      const acknowledged = conversation.owedAcknowledgment();
      makeAcknowledgment(this.#acknowledgment, SERVER_MAC, conversation, acknowledged);
      conversation.madeAcknowledgments++;
      this.made++;
      this.#give(this.#acknowledgment, 'made by the replay: the recorded client had acknowledged this already');
      conversation.sample();
    }
  }

  /** Finds the connection of our stack that plays this conversation, and takes note of its state. */
  #look(conversation: Conversation): void {
    if (conversation.live === null && conversation.liveKnown && conversation.closeReason === undefined) {
      const { localAddress, localPort, remoteAddress, remotePort } = conversation;
      conversation.live = this.stack.tcp.host.connections.findTuple(localAddress, localPort, remoteAddress, remotePort);
    }
    conversation.sample();
  }

  #accept(connection: Connection, program: Acceptor | undefined): ConnectionHandler {
    const { localAddress, localPort, remoteAddress, remotePort } = connection;
    const conversation = this.conversations.findTuple(localAddress, localPort, remoteAddress, remotePort);
    if (conversation === null) return IDLE;
    this.#look(conversation);
    if (program !== undefined) return watch(program(connection), conversation);
    const application = this.#applicationOf(conversation);
    application.connect(connection);
    return application;
  }

  #applicationOf(conversation: Conversation): RecordedApplication {
    conversation.application ??= new RecordedApplication(add(conversation.recordedIsn, 1), {
      happened: () => conversation.sample(),
      received: (bytes) => {
        conversation.bytesReceived += bytes;
      },
      closed: (reason) => {
        conversation.closeReason = reason;
        conversation.sample();
      },
    });
    return conversation.application;
  }
}

/** For a connection whose conversation is forgotten: it takes all data and says nothing. */
const IDLE: ConnectionHandler = {
  received: (_bytes, from, to) => to - from,
  acknowledged: () => {},
  ended: () => {},
  timedOut: () => {},
  closed: () => {},
};
