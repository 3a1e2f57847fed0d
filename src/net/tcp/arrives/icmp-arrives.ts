/**
 * An ICMP error about a segment of ours: RFC 9293 section 3.9.2.2, with the checks of RFC 5927. Any host can send
 * such an error, so it counts only if it quotes a sequence number that is in flight. It ends an attempt to open a
 * connection (RFC 5461 section 4.1), but never an established connection.
 */
import { icmpErrno } from '../../ip/icmp-errno.js';
import { ICMP_ERROR, type IcmpError } from '../../ip/icmp-error.js';
import type { ErrorCode } from '../../network-error.js';
import { IpAddress } from '../../wire/address.js';
import type { ControlBlock } from '../block/control-block.js';
import type { TcpHost } from '../block/host.js';
import { endConnection } from '../life/end.js';
import { reportSoftError } from '../life/program.js';
import { updateMss } from '../send/mss.js';
import { output } from '../send/output.js';
import { isAtOrBefore, isBefore, type Sequence, toSequence } from '../sequence.js';
import { ICMP_ERROR_ARRIVES, SYN_RECEIVED, SYN_SENT } from '../state.js';

/** Takes an error whose form and quoted address the internet layer has checked. */
export function icmpArrives(host: TcpHost, error: IcmpError): void {
  const local = new IpAddress(error.local0, error.local1, error.local2, error.local3);
  const remote = new IpAddress(error.remote0, error.remote1, error.remote2, error.remote3);
  const tcb = host.connections.findTuple(local, error.localPort, remote, error.remotePort);
  if (tcb === null) return;
  // RFC 5927 section 4.1.
  const sequence = toSequence(error.sequence);
  const inFlight = isAtOrBefore(tcb.snd.una, sequence) && isBefore(sequence, tcb.snd.nxt);
  if (!inFlight) {
    host.statistics.icmpIgnored++;
    return;
  }
  if (error.kind === ICMP_ERROR.TOO_BIG) {
    pathTooSmall(tcb, error.mtu, sequence);
    return;
  }
  const code = icmpErrno(error);
  if (code !== undefined) cannotReach(tcb, error, code);
}

/**
 * While a connection is being opened no error is soft: as in Linux, it ends the attempt. If a firewall rejects the
 * SYN or the route is gone, it does not help to wait for minutes. The program can try again. Once a connection is
 * established, every error is soft (RFC 5927 section 5.2): the program may hear of it. If nothing gets through until
 * R2, the program gets the code of this error instead of ETIMEDOUT.
 */
function cannotReach(tcb: ControlBlock, error: IcmpError, code: ErrorCode): void {
  if (tcb.state === SYN_SENT || tcb.state === SYN_RECEIVED) {
    endConnection(tcb, ICMP_ERROR_ARRIVES, code === 'ECONNREFUSED' ? 'refused' : 'unreachable', code);
    return;
  }
  tcb.snd.softError = code;
  reportSoftError(tcb, error.type, error.code);
}

/**
 * RFC 1191 section 6.4: segments are smaller from now on, and those that were too large go again at once; the window
 * stays as it is. The route belongs to all connections between the two addresses, so a message for another one may
 * have changed it before. So the question for this connection is whether the quoted segment, at `sequence`, is too
 * large.
 */
function pathTooSmall(tcb: ControlBlock, mtu: number, sequence: Sequence): void {
  const { flight, route, snd } = tcb;
  // RFC 5927 section 7.2 would wait until the segment that was too large has timed out. As in Linux we do not wait,
  // since the path MTU has a lower bound.
  route.reducePathMtu(mtu);
  if (route.mtu !== snd.pathMtu) updateMss(tcb);
  const quoted = flight.recordAt(sequence);
  if (quoted === null || quoted.sacked || quoted.lost || quoted.segmentBytes <= snd.mss) return;
  for (let record = flight.first; record !== null; record = record.next) {
    if (record.segmentBytes > snd.mss) flight.markLost(record);
  }
  output(tcb);
}
