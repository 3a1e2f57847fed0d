/**
 * A connection as the program sees it: the user calls of RFC 9293 section 3.10 (SEND, RECEIVE, CLOSE, ABORT, STATUS), on the
 * control block itself.
 */
import type { SummedBytes } from '../../wire/summed-bytes.js';
import { ControlBlock } from '../block/control-block.js';
import type { ConnectionInfo } from '../connection-info.js';
import type { Connection, KeepAlive } from '../handler.js';
import { updateMss } from '../send/mss.js';
import { output } from '../send/output.js';
import { distance } from '../sequence.js';
import { CLOSE_CALL, CLOSED, FIN_WAIT_2, maySend, nextState, SYN_SENT } from '../state.js';
import { APPLICATION } from '../timers.js';
import { abortConnection, endConnection, takeRest } from './end.js';
import { isOver, resumeReceiving } from './program.js';
import { armFinWait, armKeepAlive } from './silence-timers.js';
import { statusOf } from './status.js';

export class TcpConnection extends ControlBlock implements Connection {
  override get connection(): Connection {
    return this;
  }

  /** SEND (section 3.10.2). */
  send(bytes: SummedBytes, from: number, to: number, more = false): void {
    if (this.finQueued || !maySend(this.state)) return;
    this.queue.push(bytes, from, to);
    this.moreToCome = more;
    if (!more) this.pushTo = this.queue.tail;
  }

  flush(): void {
    if (!this.inCallback && this.state !== CLOSED) output(this);
  }

  get queuedBytes(): number {
    return distance(this.queue.head, this.queue.tail);
  }

  get queuedPieces(): number {
    return this.queue.pieces;
  }

  /** CLOSE (section 3.10.4): "I have no more data to send". */
  close(): void {
    if (this.finQueued || this.state === CLOSED) return;
    if (this.state === SYN_SENT) {
      endConnection(this, 'closed');
      return;
    }
    this.finQueued = true;
    this.state = nextState(this.state, CLOSE_CALL);
    this.flush();
  }

  /**
   * Closes like close(2): nothing more is read, either. Bytes that were received and not taken, or that come later, are
   * answered with a reset, so that the peer does not believe them read (RFC 2525 section 2.17).
   */
  detach(): void {
    this.handler = null;
    if (this.state === CLOSED) return;
    this.timers.stop(APPLICATION);
    if (this.received.length > 0) {
      this.abort();
      return;
    }
    this.readingOver = true;
    if (this.state === FIN_WAIT_2) armFinWait(this);
    else this.close();
  }

  /** ABORT (section 3.10.5). */
  abort(): void {
    abortConnection(this, 'aborted');
  }

  /** RECEIVE (section 3.10.3), when bytes were left: offers them again, and tells the peer of the room that makes. */
  resume(): void {
    if (this.inCallback) {
      this.resumeWanted = true;
      return;
    }
    if (this.state === CLOSED) {
      takeRest(this);
      return;
    }
    resumeReceiving(this);
    if (!isOver(this)) output(this);
  }

  setTimeout(microseconds: number): void {
    if (microseconds === 0) this.timers.stop(APPLICATION);
    else if (this.state !== CLOSED) this.host.timers.arm(this, APPLICATION, microseconds);
  }

  get noDelay(): boolean {
    return !this.nagle;
  }

  /** Turning it on sends what was held, even what a cork holds (as Linux does). */
  set noDelay(on: boolean) {
    this.nagle = !on;
    if (!on) return;
    const { corked } = this;
    this.corked = false;
    this.moreToCome = false;
    this.flush();
    this.corked = corked;
  }

  get cork(): boolean {
    return this.corked;
  }

  set cork(on: boolean) {
    this.corked = on;
    if (!on) this.flush();
  }

  get maxSegment(): number {
    return this.offeredMss;
  }

  /** Before the handshake it is also what we offer; afterwards only what we send. */
  set maxSegment(bytes: number) {
    this.offeredMss = Math.min(bytes, this.host.linkMss(this.route));
    this.snd.peerMss = Math.min(this.snd.peerMss, this.offeredMss);
    if (this.peerKnown) updateMss(this);
  }

  get keepAlive(): KeepAlive | null {
    return this.keepAliveTimes;
  }

  set keepAlive(times: KeepAlive | null) {
    this.keepAliveTimes = times;
    armKeepAlive(this);
  }

  get unreadBytes(): number {
    return this.received.length;
  }

  get urgentBytes(): number {
    return this.rcv.urgent ? Math.max(0, distance(this.rcv.nxt, this.rcv.up) + this.received.length) : 0;
  }

  /** STATUS (section 3.10.6). */
  info(): ConnectionInfo {
    return statusOf(this);
  }
}
