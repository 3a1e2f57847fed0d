/**
 * When a mutant says nothing about the runner: a script does not fix every field, so packetdrill's own rules let some
 * changes pass. Each rule has a name, and the report counts the mutants that it left out.
 */
import type { Packet, TcpBody } from '../../src/packetdrill/language/ast.js';

/** A frame of the unspoiled run. */
export interface Shot {
  readonly frame: Uint8Array;
  /** The packet of the script that the frame was; `undefined`: the script does not mention it. */
  readonly expected: Packet | undefined;
  /** The script has one longer packet for this segment and others. */
  readonly isPart: boolean;
  /** Its time in the script is `*`. */
  readonly anyTime: boolean;
  /** The first SYN of the stack on its ports, and the first segment with a timestamp. */
  readonly firstSyn: boolean;
  readonly firstStamp: boolean;
  /** The script mentions a later segment that depends on what a SYN said; one that has a timestamp with a value. */
  readonly followed: boolean;
  readonly stampFollowed: boolean;
  /** The connection has negotiated ECN. */
  readonly ecnCapable: boolean;
}

/** How the scripts are run. */
export interface Rules {
  /** Our own rules on top of packetdrill's. */
  readonly strict: boolean;
  /** TSval is compared. */
  readonly stamps: boolean;
}

const NOT_MENTIONED = 'the script does not mention the packet';
const NOT_GIVEN = 'the script does not give the field';
const LEARNED = 'the field is chosen by the stack, and nothing follows that depends on it';
const PSH_OF_OTHERS = 'PSH inside of what was written is the choice of each stack';
const ANY_TIME = 'the packet may come at any time';
const IP_FIELDS = ['TTL', 'DSCP', 'ECN', "don't fragment"];

/** Why the mutant cannot be noticed by the rules; `undefined` if it has to be. */
export function voidReason(mutation: string, shot: Shot, rules: Rules): string | undefined {
  const { expected } = shot;
  if (expected === undefined) return NOT_MENTIONED;
  if (mutation === 'late' || mutation === 'early') return shot.anyTime ? ANY_TIME : undefined;
  if (mutation === 'twice') return rules.strict || shot.followed ? undefined : NOT_MENTIONED;
  if (IP_FIELDS.includes(mutation)) return ipReason(mutation, expected, shot, rules);
  const { body } = expected;
  return body.protocol === 'tcp' ? tcpReason(mutation, body, shot, rules) : undefined;
}

function ipReason(mutation: string, { ip, body }: Packet, { ecnCapable }: Shot, { strict }: Rules): string | undefined {
  const isTcp = body.protocol === 'tcp';
  const hasClass = ip.trafficClass !== undefined;
  if (mutation === 'TTL') return ip.timeToLive === undefined && !strict ? NOT_GIVEN : undefined;
  if (mutation === 'DSCP') return hasClass || ip.dscp !== undefined || (strict && isTcp) ? undefined : NOT_GIVEN;
  if (mutation === 'ECN') {
    return hasClass || ip.ecn !== undefined || (strict && isTcp && !ecnCapable) ? undefined : NOT_GIVEN;
  }
  return strict && isTcp ? undefined : NOT_GIVEN;
}

function tcpReason(mutation: string, body: TcpBody, shot: Shot, rules: Rules): string | undefined {
  const stamp = body.options?.find((option) => option.kind === 'TS');
  switch (mutation) {
    case 'window':
      return body.window === undefined ? NOT_GIVEN : undefined;
    case 'byte of the options':
    case 'options left out':
      return body.options === undefined ? NOT_GIVEN : undefined;
    case 'TSval':
      if (!rules.stamps || stamp?.kind !== 'TS' || stamp.anyValue) return NOT_GIVEN;
      return shot.firstStamp && !shot.stampFollowed ? LEARNED : undefined;
    case 'sequence number':
      if (body.sequence.any) return NOT_GIVEN;
      return shot.firstSyn && !shot.followed ? LEARNED : undefined;
    case 'source port':
      return shot.firstSyn && !body.flags.ack && !shot.followed ? LEARNED : undefined;
    case 'PSH':
      return rules.strict || !(body.flags.psh || shot.isPart) ? undefined : PSH_OF_OTHERS;
    default:
      return undefined;
  }
}
