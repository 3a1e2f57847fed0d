/**
 * ICMP types and codes by the names that scripts give them: RFC 792, 1122, 1812 and 4443. Where a code has two names,
 * the second one is the nplab dialect's.
 */
import { own } from '../own.js';

interface NamedType {
  readonly type: number;
  readonly codes: Readonly<Record<string, number>>;
}

const NONE = {};

const V4: Readonly<Record<string, NamedType>> = {
  echo_reply: { type: 0, codes: NONE },
  unreachable: {
    type: 3,
    codes: {
      net_unreachable: 0,
      host_unreachable: 1,
      protocol_unreachable: 2,
      port_unreachable: 3,
      frag_needed: 4,
      source_route_failed: 5,
      net_unknown: 6,
      host_unknown: 7,
      source_host_isolated: 8,
      net_prohibited: 9,
      host_prohibited: 10,
      net_unreachable_for_tos: 11,
      host_unreachable_for_tos: 12,
      packet_filtered: 13,
      precedence_violation: 14,
      precedence_cutoff: 15,
    },
  },
  source_quench: { type: 4, codes: NONE },
  redirect: { type: 5, codes: NONE },
  echo_request: { type: 8, codes: NONE },
  router_advertisement: { type: 9, codes: NONE },
  router_solicitation: { type: 10, codes: NONE },
  time_exceeded: {
    type: 11,
    codes: { ttl_exceeded: 0, frag_time_exceeded: 1, ttl_exceeded_in_transit: 0, frag_reass_exceeded: 1 },
  },
  parameter_problem: { type: 12, codes: NONE },
  timestamp_request: { type: 13, codes: NONE },
  timestamp_reply: { type: 14, codes: NONE },
  information_request: { type: 15, codes: NONE },
  information_reply: { type: 16, codes: NONE },
  address_mask_request: { type: 17, codes: NONE },
  address_mask_reply: { type: 18, codes: NONE },
};

const V6: Readonly<Record<string, NamedType>> = {
  unreachable: {
    type: 1,
    codes: {
      net_unreachable: 0,
      no_route: 0,
      admin_prohibited: 1,
      not_neighbour: 2,
      address_unreachable: 3,
      port_unreachable: 4,
    },
  },
  packet_too_big: { type: 2, codes: NONE },
  time_exceeded: { type: 3, codes: { exceeded_hop_limit: 0, exceeded_frag_time: 1 } },
  parameter_problem: { type: 4, codes: { header_field: 0, unknown_next_header: 1, unknown_option: 2 } },
  echo_request: { type: 128, codes: NONE },
  echo_reply: { type: 129, codes: NONE },
  router_solicitation: { type: 133, codes: NONE },
  router_advertisement: { type: 134, codes: NONE },
};

/** Finds the numbers of two names; `type_7` and `code_3` name their numbers. `undefined`: there is no such name. */
export function icmpNumbers(
  version: 4 | 6,
  type: string,
  code: string | undefined,
): { type: number; code: number } | undefined {
  const known = own(version === 4 ? V4 : V6, type);
  const number = known?.type ?? numbered('type', type);
  const codeNumber = code === undefined ? 0 : ((known && own(known.codes, code)) ?? numbered('code', code));
  return number === undefined || codeNumber === undefined ? undefined : { type: number, code: codeNumber };
}

/** Finds a script's names for two numbers. */
export function icmpName(version: 4 | 6, type: number, code: number): string {
  for (const [name, known] of Object.entries(version === 4 ? V4 : V6)) {
    if (known.type !== type) continue;
    const codeName = Object.entries(known.codes).find(([, value]) => value === code)?.[0];
    return codeName === undefined ? (code === 0 ? name : `${name} code_${code}`) : `${name} ${codeName}`;
  }
  return `type_${type} code_${code}`;
}

function numbered(prefix: string, name: string): number | undefined {
  const digits = new RegExp(`^${prefix}_(\\d{1,3})$`).exec(name)?.[1];
  return digits !== undefined && Number(digits) < 256 ? Number(digits) : undefined;
}
