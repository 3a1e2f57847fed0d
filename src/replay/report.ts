/** The results of a replay: a line or an object for each connection, and one for the whole. */
import { CLOSED, CLOSING, FIN_WAIT_2, STATE_NAMES, TIME_WAIT } from '../net/tcp/state.js';
import type { IpAddress } from '../net/wire/address.js';
import { compareConversation, isComparable } from './comparison.js';
import type { Conversation } from './conversation.js';
import type { Replay } from './replay.js';

/** One connection, for JSON and for the line. */
export interface ConnectionReport {
  readonly connection: number;
  readonly client: string;
  readonly server: string;
  /** Seconds from its first to its last frame in the capture. */
  readonly seconds: number;
  readonly states: readonly string[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly retransmits: number;
  readonly resets: number;
  readonly madeAcknowledgments: number;
  readonly end: string;
  /** Parts that could not be played as they were recorded. */
  readonly remarks: readonly string[];
  /** Differences between our answers and the recorded server's; undefined if not asked for, or not possible. */
  readonly differences: readonly string[] | undefined;
}

export interface Summary {
  readonly frames: number;
  readonly given: number;
  readonly recordedAnswers: number;
  /** Frames that were neither the server's nor for it, by reason. */
  readonly ignored: Readonly<Record<string, number>>;
  readonly answers: number;
  readonly made: number;
  readonly connections: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly connectionsCompared: number;
  readonly connectionsThatDiffer: number;
  /** Answers outside TCP of which our stack gave more or fewer than the recorded server. */
  readonly otherDifferences: readonly string[];
  readonly shortenedGaps: number;
  readonly paddedFrames: number;
  /** Frames that our stack dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** What became of one connection of a replay. `compare`: with the differences from the recorded answers. */
export function reportOf(conversation: Conversation, compare: boolean): ConnectionReport {
  const { localAddress, localPort, remoteAddress, remotePort } = conversation;
  return {
    connection: conversation.number,
    client: endpoint(remoteAddress, remotePort),
    server: endpoint(localAddress, localPort),
    seconds: (conversation.lastTime - conversation.firstTime) / 1e6,
    states: statePath(conversation),
    bytesIn: conversation.bytesReceived,
    bytesOut: conversation.liveBytes,
    retransmits: conversation.liveRetransmits,
    resets: conversation.clientResets + (conversation.liveReset ? 1 : 0),
    madeAcknowledgments: conversation.madeAcknowledgments,
    end: howItEnded(conversation),
    remarks: remarksOn(conversation),
    differences: compare && isComparable(conversation) ? compareConversation(conversation) : undefined,
  };
}

function endpoint(address: IpAddress, port: number): string {
  return address.isV4 ? `${address}:${port}` : `[${address}]:${port}`;
}

/**
 * LISTEN first, where it began; TIME-WAIT before CLOSED where our side closed first: the stack keeps that state in
 * another form than the rest, where it is not seen from here.
 */
function statePath({ states, liveKnown, closeReason, openedByServer }: Conversation): string[] {
  if (!liveKnown) return [];
  const path = [...(openedByServer ? [] : ['LISTEN']), ...states.map((state) => STATE_NAMES[state]!)];
  const before = states.at(-2);
  const waits = closeReason === 'closed' && states.at(-1) === CLOSED && (before === FIN_WAIT_2 || before === CLOSING);
  if (waits) path.splice(-1, 0, STATE_NAMES[TIME_WAIT]!);
  return path;
}

function howItEnded(conversation: Conversation): string {
  const { closeReason, liveKnown, liveReset, midway, liveSegments, notPlayed } = conversation;
  if (notPlayed !== undefined) return `not played: ${notPlayed}`;
  switch (closeReason) {
    case 'closed':
      return 'closed in order';
    case 'reset':
      return 'reset by the client';
    case 'aborted':
      return 'reset by the program';
    case 'timeout':
      return 'given up: the client stayed silent';
    case undefined:
      break;
    default:
      return closeReason;
  }
  if (liveKnown) return conversation.live === null ? 'never established' : 'still open at the end of the capture';
  if (midway) return liveReset ? 'began before the capture: answered with RST' : 'began before the capture';
  if (liveReset) return 'refused with RST';
  return liveSegments > 0 ? 'never established' : 'not answered: nothing of it was acceptable';
}

function remarksOn(conversation: Conversation): string[] {
  const remarks: string[] = [];
  const { application, madeAcknowledgments } = conversation;
  if (application !== null && application.missingBytes > 0) {
    remarks.push(
      `${application.missingBytes} bytes of the recorded answer are not in the capture: zeros in their place`,
    );
  }
  if (application !== null && application.givenUpBytes > 0) {
    remarks.push(
      `${application.givenUpBytes} bytes of the recorded answer were not sent: the client acknowledges too little`,
    );
  }
  if (madeAcknowledgments > 0) remarks.push(`${counted(madeAcknowledgments, 'acknowledgment')} made`);
  return remarks;
}

/** `#1 10.0.0.1:40000 > 10.0.0.2:80  LISTEN SYN-RECEIVED ESTABLISHED …  in 72 out 378 bytes, …: closed in order` */
export function formatConnection(report: ConnectionReport): string {
  const { connection, client, server, states, bytesIn, bytesOut, retransmits, resets, end, remarks, differences } =
    report;
  const path = states.length === 0 ? '' : `  ${states.join(' → ')}`;
  const counts = `in ${bytesIn} out ${bytesOut} bytes, ${retransmits} retransmitted, ${counted(resets, 'reset')}`;
  const lines = [`#${connection} ${client} > ${server}${path}  ${counts}: ${end}`];
  for (const remark of remarks) lines.push(`    note: ${remark}`);
  for (const difference of differences ?? []) lines.push(`    differs: ${difference}`);
  return lines.join('\n');
}

/** Adds up connections as they end. */
export class Totals {
  connections = 0;
  compared = 0;
  differing = 0;
  readonly ends: Record<string, number> = {};

  /** @param compares our answers are compared with the recorded server's */
  constructor(readonly compares: boolean) {}

  add(report: ConnectionReport): void {
    this.connections++;
    this.ends[report.end] = (this.ends[report.end] ?? 0) + 1;
    if (report.differences === undefined) return;
    this.compared++;
    if (report.differences.length > 0) this.differing++;
  }
}

/** The counts of a whole replay. */
export function summarize(replay: Replay, totals: Totals): Summary {
  const { frames, fed, recorded, ignored, answers, made, timeline, builder } = replay;
  return {
    frames,
    given: fed,
    recordedAnswers: recorded,
    ignored: Object.fromEntries(ignored),
    answers,
    made,
    connections: totals.connections,
    ends: totals.ends,
    connectionsCompared: totals.compared,
    connectionsThatDiffer: totals.differing,
    otherDifferences: totals.compares ? replay.otherAnswers.differences() : [],
    shortenedGaps: timeline.shortenedGaps,
    paddedFrames: builder.padded,
    dropped: droppedFrames(replay),
  };
}

const BAD_IP_CHECKSUM = 'bad IPv4 checksum';
const BAD_TCP_CHECKSUM = 'bad TCP checksum';

/** Counters of the stack that say why a frame led to nothing; zeros left out. */
function droppedFrames({ stack }: Replay): Record<string, number> {
  const { tcp, internet } = stack.statistics;
  const { ethernet, arp, ip, reassembly, icmp, ndp } = internet;
  const all: Record<string, number> = {
    'frame too short': ethernet.short,
    "frame for another host's Ethernet address": ethernet.notForUs,
    'unknown EtherType': ethernet.unknownType,
    'malformed ARP packet': arp.malformed,
    [BAD_IP_CHECKSUM]: ip.badChecksum,
    'malformed IP header': ip.malformed,
    'packet for another address': ip.notForUs,
    'source address that no host can have': ip.badSource,
    'packet for one host in a frame for a group': ip.unicastInBroadcast,
    'bad IP options': ip.badOptions,
    'unknown protocol': ip.unknownProtocol,
    'invalid fragment': reassembly.invalid,
    'fragments that never became whole': reassembly.timedOut + reassembly.evicted,
    'bad ICMP checksum': icmp.badChecksum,
    'malformed ICMP message': icmp.malformed,
    'ICMP message of a kind that asks for nothing': icmp.unknownType,
    'ICMP error about nothing of ours': icmp.errorsIgnored + tcp.icmpIgnored,
    'malformed neighbour discovery message': ndp.malformed,
    [BAD_TCP_CHECKSUM]: tcp.badChecksum,
    'malformed TCP header': tcp.malformed,
    'segment outside the window': tcp.outsideWindow,
    'segment with an old timestamp (PAWS)': tcp.pawsDropped,
    'SYN beyond the backlog': tcp.backlogOverflows,
  };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** The whole, in a few lines. */
export function formatSummary(summary: Summary): string {
  const { frames, given, recordedAnswers, ignored, answers, made } = summary;
  const ignoredCount = Object.values(ignored).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${counted(frames, 'frame')}: ${given} to the server, ${recordedAnswers} from it, ${ignoredCount} of no concern; ${counted(answers, 'answer')} of ours`,
    `${counted(summary.connections, 'connection')}${list(summary.ends)}`,
  ];
  if (made > 0)
    lines.push(`${counted(made, 'acknowledgment')} made: the recorded clients had given them before our stack sent`);
  if (summary.paddedFrames > 0)
    lines.push(`${counted(summary.paddedFrames, 'frame')} cut short by the capture: filled with zeros`);
  if (summary.shortenedGaps > 0)
    lines.push(`${counted(summary.shortenedGaps, 'gap')} of more than a day shortened to one`);
  if (ignoredCount > 0) lines.push(`of no concern${list(ignored)}`);
  if (Object.keys(summary.dropped).length > 0) lines.push(`dropped by our stack${list(summary.dropped)}`);
  if (summary.dropped[BAD_IP_CHECKSUM] !== undefined || summary.dropped[BAD_TCP_CHECKSUM] !== undefined)
    lines.push('  --fix-checksums computes the checksums of the capture anew');
  for (const difference of summary.otherDifferences) lines.push(`differs: ${difference}`);
  return lines.join('\n');
}

/** `1 frame`, `2 frames`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function list(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}
