/**
 * A connection as the program sees it: the user calls of RFC 9293 section 3.10 (SEND, RECEIVE, CLOSE, ABORT, STATUS).
 * The program gets this object and no more: the control block stays private.
 */

import { checkedHops, checkedTrafficClass } from '../../ip/ip-choices.js';
import type { IpAddress } from '../../wire/address.js';
import { canBeSent, type SummedBytes, sendError } from '../../wire/summed-bytes.js';
import type { ControlBlock } from '../block/control-block.js';
import type { ConnectionInfo } from '../connection-info.js';
import type { Connection, KeepAlive } from '../handler.js';
import { checkRate } from '../pacing-plan.js';
import type { Preferences } from '../preferences.js';
import { updateMss } from '../send/mss.js';
import { output } from '../send/output.js';
import { distance, earlier, toWord } from '../sequence.js';
import { ABORT_CALL, CLOSED, FIN_WAIT_2, maySend } from '../state.js';
import { APPLICATION, PACING } from '../timers.js';
import { abortConnection, closeConnection, takeRest } from './end.js';
import { isOver, resumeReceiving } from './program.js';
import { armFinWait, armKeepAlive } from './silence-timers.js';
import { statusOf } from './status.js';

export class TcpConnection implements Connection {
  readonly #tcb: ControlBlock;

  constructor(tcb: ControlBlock) {
    this.#tcb = tcb;
  }

  get localAddress(): IpAddress {
    return this.#tcb.localAddress;
  }

  get localPort(): number {
    return this.#tcb.localPort;
  }

  get remoteAddress(): IpAddress {
    return this.#tcb.remoteAddress;
  }

  get remotePort(): number {
    return this.#tcb.remotePort;
  }

  /** SEND (section 3.10.2). */
  send(bytes: SummedBytes, from: number, to: number, more = false): void {
    if (!canBeSent(bytes, from, to)) throw sendError(bytes, from, to);
    const tcb = this.#tcb;
    if (tcb.snd.finQueued || !maySend(tcb.state)) return;
    tcb.queue.push(bytes, from, to);
    tcb.snd.moreToCome = more;
    if (!more) tcb.snd.pushTo = tcb.queue.tail;
  }

  flush(): void {
    const tcb = this.#tcb;
    if (!tcb.inCallback && tcb.state !== CLOSED) output(tcb);
  }

  get queuedBytes(): number {
    const { queue } = this.#tcb;
    return distance(queue.head, queue.tail);
  }

  get queuedPieces(): number {
    return this.#tcb.queue.pieces;
  }

  get queuedTo(): number {
    return toWord(this.#tcb.queue.tail);
  }

  /** SND.UNA, without the FIN that may be acknowledged too. */
  get acknowledgedTo(): number {
    const { queue, snd } = this.#tcb;
    return toWord(earlier(snd.una, queue.tail));
  }

  get receivedTo(): number {
    return toWord(this.#tcb.rcv.nxt);
  }

  /** 0 until the peer's MSS is known. */
  get congestionWindow(): number {
    return this.#tcb.congestion?.cwnd ?? 0;
  }

  /** CLOSE (section 3.10.4): "I have no more data to send". */
  close(): void {
    closeConnection(this.#tcb);
  }

  /**
   * Closes like close(2): the program neither sends nor reads any more. If it has not taken all received bytes, or if
   * bytes come later, the peer gets a reset. Otherwise the peer would believe that they were read (RFC 2525 section
   * 2.17).
   */
  detach(): void {
    const tcb = this.#tcb;
    tcb.handler = null;
    if (tcb.state === CLOSED) return;
    tcb.host.timers.stop(tcb, APPLICATION);
    if (tcb.unread > 0) {
      this.abort();
      return;
    }
    tcb.readingOver = true;
    if (tcb.state === FIN_WAIT_2) armFinWait(tcb);
    else this.close();
  }

  /** ABORT (section 3.10.5). */
  abort(): void {
    abortConnection(this.#tcb, ABORT_CALL, 'aborted');
  }

  /**
   * RECEIVE (section 3.10.3) for bytes that were left: offers them again, and tells the peer of the room that this
   * makes.
   */
  resume(): void {
    const tcb = this.#tcb;
    if (tcb.inCallback) {
      tcb.resumeWanted = true;
      return;
    }
    if (tcb.state === CLOSED) {
      takeRest(tcb);
      return;
    }
    resumeReceiving(tcb);
    if (!isOver(tcb)) output(tcb);
  }

  setTimeout(microseconds: number): void {
    const tcb = this.#tcb;
    if (microseconds === 0) tcb.host.timers.stop(tcb, APPLICATION);
    else if (tcb.state !== CLOSED) tcb.host.timers.arm(tcb, APPLICATION, microseconds);
  }

  get noDelay(): boolean {
    return !this.#tcb.snd.nagle;
  }

  /** Turning it on sends what was held, even what a cork holds (as Linux does). */
  set noDelay(on: boolean) {
    const { snd } = this.#tcb;
    snd.nagle = !on;
    if (!on) return;
    const { corked } = snd;
    snd.corked = false;
    snd.moreToCome = false;
    this.flush();
    snd.corked = corked;
  }

  get cork(): boolean {
    return this.#tcb.snd.corked;
  }

  set cork(on: boolean) {
    this.#tcb.snd.corked = on;
    if (!on) this.flush();
  }

  get maxSegment(): number {
    return this.#tcb.rcv.offeredMss;
  }

  /** Before the handshake this is also the MSS that we offer; afterwards it only bounds what we send. */
  set maxSegment(bytes: number) {
    const tcb = this.#tcb;
    const { rcv, snd } = tcb;
    rcv.offeredMss = Math.min(bytes, tcb.host.linkMss(tcb.route));
    snd.peerMss = Math.min(snd.peerMss, rcv.offeredMss);
    if (rcv.irsKnown) updateMss(tcb);
  }

  get receiveBuffer(): number {
    return this.#tcb.rcv.buffer;
  }

  set receiveBuffer(bytes: number) {
    const { rcv } = this.#tcb;
    rcv.buffer = bytes;
    rcv.largestBuffer = bytes;
  }

  get trafficClass(): number {
    return this.#tcb.preferences.trafficClass;
  }

  set trafficClass(value: number) {
    this.#prefer({ trafficClass: checkedTrafficClass(value) });
  }

  get timeToLive(): number {
    return this.#tcb.preferences.timeToLive;
  }

  set timeToLive(hops: number) {
    this.#prefer({ timeToLive: checkedHops(hops, 'timeToLive') });
  }

  get minimumTimeToLive(): number {
    return this.#tcb.preferences.minimumTimeToLive;
  }

  set minimumTimeToLive(hops: number) {
    this.#prefer({ minimumTimeToLive: checkedHops(hops, 'minimumTimeToLive') });
  }

  get userTimeout(): number {
    return this.#tcb.preferences.userTimeout;
  }

  set userTimeout(microseconds: number) {
    this.#prefer({ userTimeout: microseconds });
  }

  get keepAlive(): KeepAlive | null {
    return this.#tcb.preferences.keepAlive;
  }

  set keepAlive(times: KeepAlive | null) {
    this.#prefer({ keepAlive: times });
    armKeepAlive(this.#tcb);
  }

  get pacingRate(): number {
    return this.#tcb.pacing === null ? 0 : this.#tcb.pacing.ownRate;
  }

  set pacingRate(rate: number) {
    checkRate(rate, 'pacingRate');
    const tcb = this.#tcb;
    if (tcb.state === CLOSED || rate === this.pacingRate) return;
    const { pacing, timers } = tcb.host;
    tcb.pacing ??= pacing.join(tcb);
    pacing.limit(tcb.pacing, rate);
    timers.stop(tcb, PACING);
    this.flush();
  }

  get pacingGroup(): number {
    return this.#tcb.pacing === null ? 0 : this.#tcb.pacing.group.index;
  }

  set pacingGroup(index: number) {
    const tcb = this.#tcb;
    if (tcb.pacing !== null && tcb.pacing.group.index !== index) tcb.host.pacing.move(tcb.pacing, index);
  }

  get unreadBytes(): number {
    return this.#tcb.unread;
  }

  get urgentBytes(): number {
    const { rcv, unread } = this.#tcb;
    return rcv.urgent ? Math.max(0, distance(rcv.nxt, rcv.up) + unread) : 0;
  }

  #prefer(changes: Partial<Preferences>): void {
    this.#tcb.preferences = this.#tcb.preferences.with(changes);
  }

  /** STATUS (section 3.10.6). */
  info(): ConnectionInfo {
    return statusOf(this.#tcb);
  }
}
