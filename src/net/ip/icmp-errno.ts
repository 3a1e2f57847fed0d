/**
 * What an ICMP or ICMPv6 error means to a program, as a name of errno(3). The tables are those of Linux
 * (icmp_err_convert, icmpv6_err_convert), so a program hears the same as from a kernel's socket.
 */
import type { ErrorCode } from '../network-error.js';
import * as Icmp from '../wire/icmp.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import type { IcmpError } from './icmp-error.js';

/**
 * Destination unreachable by its code: RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1. Code 4 is path MTU
 * discovery's.
 */
const UNREACHABLE_V4: readonly (ErrorCode | undefined)[] = [
  'ENETUNREACH', // network
  'EHOSTUNREACH', // host
  'ENOPROTOOPT', // protocol
  'ECONNREFUSED', // port
  undefined, // fragmentation needed
  'EOPNOTSUPP', // source route failed
  'ENETUNREACH', // network unknown
  'EHOSTDOWN', // host unknown
  'ENONET', // source host isolated
  'ENETUNREACH', // network prohibited
  'EHOSTUNREACH', // host prohibited
  'ENETUNREACH', // network, for this type of service
  'EHOSTUNREACH', // host, for this type of service
  'EHOSTUNREACH', // filtered
  'EHOSTUNREACH', // precedence violation
  'EHOSTUNREACH', // precedence cut off
];

/** Destination unreachable by its code: RFC 4443 section 3.1. */
const UNREACHABLE_V6: readonly ErrorCode[] = [
  'ENETUNREACH', // no route
  'EACCES', // prohibited
  'EHOSTUNREACH', // beyond the scope of the source address
  'EHOSTUNREACH', // address
  'ECONNREFUSED', // port
  'EACCES', // the source address failed a policy
  'EACCES', // a reject route
];

/** The errno of `error`; undefined for a code that no RFC gives a meaning, and for "too big". */
export function icmpErrno(error: IcmpError): ErrorCode | undefined {
  const { type, code } = error;
  if (error.isV6) {
    if (type === Icmpv6.DESTINATION_UNREACHABLE) return UNREACHABLE_V6[code] ?? 'EPROTO';
    if (type === Icmpv6.PACKET_TOO_BIG) return undefined;
    return type === Icmpv6.TIME_EXCEEDED ? 'EHOSTUNREACH' : 'EPROTO';
  }
  if (type === Icmp.DESTINATION_UNREACHABLE) return UNREACHABLE_V4[code];
  if (type === Icmp.TIME_EXCEEDED) return 'EHOSTUNREACH';
  return type === Icmp.PARAMETER_PROBLEM ? 'EPROTO' : undefined;
}
