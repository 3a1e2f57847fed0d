/**
 * Notes what the recorded server said: its numbers, its time stamps and, where its program is played again, its bytes.
 */
import { add, distance, isAfter, later, type Sequence } from '../net/tcp/sequence.js';
import { readInt32 } from '../net/wire/bytes.js';
import { ACK, FIN, PSH, RST, SYN } from '../net/wire/tcp.js';
import type { Conversation } from './conversation.js';
import type { FrameView } from './frame-view.js';
import { timestampsAt } from './rebase.js';
import type { RecordedApplication } from './recorded-application.js';

export class RecordedSide {
  readonly #plays: boolean;
  readonly #applicationOf: (conversation: Conversation) => RecordedApplication;
  readonly #opens: (conversation: Conversation) => void;

  /**
   * @param plays the recorded program is played again, so its bytes are wanted
   * @param opens told of a connection that the recorded server opens itself, at its SYN
   */
  constructor(
    plays: boolean,
    applicationOf: (conversation: Conversation) => RecordedApplication,
    opens: (conversation: Conversation) => void,
  ) {
    this.#plays = plays;
    this.#applicationOf = applicationOf;
    this.#opens = opens;
  }

  /** Takes note of a segment of the recorded server. */
  observe(conversation: Conversation, view: FrameView): void {
    const { flags, sequence } = view;
    conversation.recordedSegments++;
    conversation.clientWaits = false;
    if (flags & RST) {
      if (!conversation.recordedOver) conversation.recordedReset = true;
      if (this.#plays) conversation.application?.reset();
      return;
    }
    if (flags & ACK && conversation.clientKnown) {
      conversation.recordedTaken = Math.max(conversation.recordedTaken, conversation.takenBy(view.acknowledgment));
    }
    if (flags & SYN) {
      conversation.recordedAccepted = true;
      if (!conversation.recordedKnown || conversation.recordedIsn !== sequence) this.#takeSyn(conversation, view);
      else conversation.recordedRetransmits++;
    } else if (!conversation.recordedKnown) {
      conversation.setRecordedIsn(add(sequence, -1));
      conversation.midway = true;
    }
    this.#noteData(conversation, view);
    const stamps = timestampsAt(view.packet.bytes, view.tcpAt, view.optionsTo);
    if (stamps >= 0 && flags & (ACK | SYN)) conversation.noteStamp(readInt32(view.packet.bytes, stamps));
  }

  #takeSyn(conversation: Conversation, view: FrameView): void {
    conversation.setRecordedIsn(view.sequence);
    if (view.flags & ACK || conversation.clientKnown) return;
    conversation.openedByServer = true;
    this.#opens(conversation);
  }

  #noteData(conversation: Conversation, view: FrameView): void {
    const { flags, sequence, dataLength, extent } = view;
    if (extent === 0) return;
    const end = add(sequence, extent);
    this.#compare(conversation, view);
    if (!(flags & SYN)) countBytes(conversation, view, end);
    conversation.recordedSent(end, dataLength > 0 || (flags & FIN) !== 0, (flags & (PSH | FIN)) !== 0);
    if (flags & FIN) {
      conversation.recordedFinFirst = !conversation.clientFin;
      conversation.recordedFin = true;
    }
    if (!this.#plays) return;
    const application = this.#applicationOf(conversation);
    const first = flags & SYN ? add(sequence, 1) : sequence;
    if (view.dataTo > view.dataFrom) application.say(first, view.packet.bytes, view.dataFrom, view.dataTo);
    const kept = view.dataTo - view.dataFrom;
    if (kept < dataLength) application.sayUnknown(add(first, kept), dataLength - kept);
    if (flags & FIN) application.finish(add(first, dataLength));
  }

  /** Bytes of the recorded server, for the comparison of what both say. */
  #compare({ comparison, recordedIsn }: Conversation, view: FrameView): void {
    if (comparison === null || view.dataTo === view.dataFrom) return;
    if (view.dataTo - view.dataFrom < view.dataLength) comparison.giveUp('the capture lacks a part of a segment');
    else {
      const sequence = view.flags & SYN ? add(view.sequence, 1) : view.sequence;
      comparison.recorded(add(recordedIsn, 1), sequence, view.packet.bytes, view.dataFrom, view.dataTo);
    }
  }
}

/** Counts what is new, and what was sent again, of a segment that ends at `end`. */
function countBytes(conversation: Conversation, { sequence, flags }: FrameView, end: Sequence): void {
  const { recordedNext, recordedHoles: holes, lastTime } = conversation;
  const fin = flags & FIN ? 1 : 0;
  if (isAfter(end, recordedNext)) {
    if (isAfter(sequence, recordedNext)) holes.open(recordedNext, sequence, lastTime);
    conversation.recordedBytes += distance(later(sequence, recordedNext), end) - fin;
    return;
  }
  const filled = holes.none ? 0 : holes.fill(sequence, end, lastTime);
  conversation.recordedBytes += filled;
  if (filled === 0 || holes.late) conversation.recordedRetransmits++;
}
