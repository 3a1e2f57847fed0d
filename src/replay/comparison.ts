/**
 * Compares our answers with the recorded server's, connection by connection. What must differ (sequence numbers,
 * time stamps, IP identification, Date) or may (how data is cut into segments, how often it is acknowledged, windows)
 * is folded away.
 */
import type { Conversation } from './conversation.js';

/** Differences that are never reported, for the summary. */
export const FOLDED =
  'initial sequence numbers, time stamps, IP identification and TTL, window sizes, segment boundaries, when and how often is acknowledged, Date';

/** One sentence for each difference; none if our stack did what the recorded server did. */
export function compareConversation(conversation: Conversation): string[] {
  const differences: string[] = [];
  if (!isComparable(conversation)) return differences;
  compareOpening(conversation, differences);
  if (!conversation.recordedAccepted || !conversation.liveKnown) return differences;
  compareData(conversation, differences);
  compareEnd(conversation, differences);
  return differences;
}

/** True if there is something to compare: both recorded sides, from the start, and played. */
export function isComparable({ recordedSegments, midway, clientKnown, notPlayed }: Conversation): boolean {
  return recordedSegments > 0 && !midway && clientKnown && notPlayed === undefined;
}

function compareOpening(conversation: Conversation, differences: string[]): void {
  const { recordedAccepted, liveKnown, liveReset } = conversation;
  if (recordedAccepted && !liveKnown) {
    differences.push(`the recorded server accepted, ours ${liveReset ? 'refused (RST)' : 'did not answer'}`);
  } else if (!recordedAccepted && liveKnown) {
    differences.push('the recorded server did not accept, ours did');
  }
}

function compareData(conversation: Conversation, differences: string[]): void {
  const { recordedBytes, liveBytes, recordedTaken, liveTaken, comparison } = conversation;
  if (liveBytes !== recordedBytes) differences.push(`sent ${liveBytes} bytes, the recorded server ${recordedBytes}`);
  // If the capture ends before the recorded server has answered, ours may have acknowledged more.
  if (liveTaken < recordedTaken || (liveTaken > recordedTaken && !conversation.clientWaits)) {
    differences.push(`acknowledged ${liveTaken} of the client's bytes, the recorded server ${recordedTaken}`);
  }
  if (comparison?.difference !== undefined) differences.push(`what is sent differs at ${comparison.difference}`);
  if (comparison?.gaveUp !== undefined) differences.push(`what is sent was not compared ${comparison.gaveUp}`);
  const { liveRetransmits, recordedRetransmits } = conversation;
  if (liveRetransmits !== recordedRetransmits) {
    differences.push(`retransmitted ${liveRetransmits} segments, the recorded server ${recordedRetransmits}`);
  }
}

function compareEnd(conversation: Conversation, differences: string[]): void {
  const { recordedFin, liveFin, recordedReset, liveReset } = conversation;
  const how = (fin: boolean, reset: boolean) => (reset ? 'reset it' : fin ? 'closed it (FIN)' : 'left it open');
  if (recordedFin !== liveFin || recordedReset !== liveReset) {
    differences.push(`${how(liveFin, liveReset)}, the recorded server ${how(recordedFin, recordedReset)}`);
  } else if (liveFin && conversation.liveFinFirst !== conversation.recordedFinFirst) {
    differences.push(
      conversation.liveFinFirst
        ? 'closed before the client, the recorded server after'
        : 'closed after the client, the recorded server before',
    );
  }
}
