/** What the recorded server said: its numbers, its time stamps, and (where its program is played again) its bytes. */
import { add, distance, isAfter, isAtOrBefore, later } from '../net/tcp/sequence.js';
import { readInt32 } from '../net/wire/bytes.js';
import { ACK, FIN, PSH, RST, SYN } from '../net/wire/tcp.js';
import type { Conversation } from './conversation.js';
import type { FrameView } from './frame-view.js';
import { timestampsAt } from './rebase.js';
import type { RecordedApplication } from './recorded-application.js';

export class RecordedSide {
  readonly #plays: boolean;
  readonly #applicationOf: (conversation: Conversation) => RecordedApplication;

  /** @param plays the recorded program is played again, so its bytes are wanted */
  constructor(plays: boolean, applicationOf: (conversation: Conversation) => RecordedApplication) {
    this.#plays = plays;
    this.#applicationOf = applicationOf;
  }

  /** Takes note of a segment of the recorded server. */
  observe(conversation: Conversation, view: FrameView): void {
    const { flags, sequence } = view;
    conversation.recordedSegments++;
    conversation.clientWaits = false;
    if (flags & RST) {
      conversation.recordedReset = true;
      if (this.#plays) conversation.application?.reset();
      return;
    }
    if (flags & ACK && conversation.clientKnown) {
      conversation.recordedTaken = Math.max(conversation.recordedTaken, conversation.takenBy(view.acknowledgment));
    }
    if (flags & SYN) {
      conversation.recordedAccepted = true;
      if (!conversation.recordedKnown || conversation.recordedIsn !== sequence) conversation.setRecordedIsn(sequence);
      else conversation.recordedRetransmits++;
    } else if (!conversation.recordedKnown) {
      conversation.setRecordedIsn(add(sequence, -1));
      conversation.midway = true;
    }
    this.#noteData(conversation, view);
    const stamps = timestampsAt(view.packet.bytes, view.tcpAt, view.optionsTo);
    if (stamps >= 0 && flags & ACK) conversation.noteStamp(readInt32(view.packet.bytes, stamps));
  }

  #noteData(conversation: Conversation, view: FrameView): void {
    const { flags, sequence, dataLength, extent } = view;
    if (extent === 0) return;
    const end = add(sequence, extent);
    const isNew = !isAtOrBefore(end, conversation.recordedNext);
    if (isNew) this.#compare(conversation, view);
    if (isNew)
      conversation.recordedBytes += distance(later(sequence, conversation.recordedNext), end) - (flags & FIN ? 1 : 0);
    else if (!(flags & SYN)) conversation.recordedRetransmits++;
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

  /** New bytes of the recorded server, for the comparison of what both say. */
  #compare({ comparison, recordedNext }: Conversation, view: FrameView): void {
    if (comparison === null || view.dataTo === view.dataFrom) return;
    if (isAfter(view.sequence, recordedNext)) comparison.giveUp('the capture has a hole');
    else if (view.dataTo - view.dataFrom < view.dataLength) comparison.giveUp('the capture has not all of a segment');
    else comparison.push(0, view.packet.bytes, view.dataFrom + distance(view.sequence, recordedNext), view.dataTo);
  }
}
