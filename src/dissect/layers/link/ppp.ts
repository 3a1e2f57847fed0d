/** PPP (RFC 1661, RFC 1662) and PPPoE (RFC 2516). */
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';

const PPP = 'RFC 1661 section 2';
const HDLC = 'RFC 1662 section 3.1';
const PPPOE = 'RFC 2516 section 4';
const TAGS = 'RFC 2516 section 5, appendix A';
const HEADER_BYTES = 6;
const ALL_STATIONS = 0xff03;

const PROTOCOLS: Readonly<Record<number, string>> = {
  33: 'IPv4',
  87: 'IPv6',
  641: 'MPLS',
  32801: 'IPCP',
  32855: 'IPv6CP',
  49185: 'LCP',
  49187: 'PAP',
  49699: 'CHAP',
};

const CODES: Readonly<Record<number, string>> = {
  0: 'session data',
  7: 'PADO: a server offers itself',
  9: 'PADI: which servers are there?',
  25: 'PADR: a session, please',
  101: 'PADS: the session has begun',
  167: 'PADT: the session is over',
};

/** PPP with or without the address and control bytes of HDLC framing. */
export function dissectPpp(frame: Frame, from: number, to: number): void {
  const ppp = frame.layer('ppp', 'PPP', PPP, from, to);
  let at = 0;
  if (ppp.peek(0, 2) === ALL_STATIONS) {
    ppp.cite = HDLC;
    ppp.hex('ppp.address', 0, 1, 'Address', 'all stations');
    ppp.hex('ppp.control', 1, 1, 'Control', 'unnumbered information');
    ppp.cite = PPP;
    at = 2;
  }
  // Section 2: a first byte that is odd is the whole number (compressed).
  const protocolBytes = ppp.peek(at, 1) & 1 ? 1 : 2;
  if (!ppp.has(at, protocolBytes)) {
    frame.say(`[|ppp], length ${to - from}`);
    return;
  }
  const protocol = ppp.peek(at, protocolBytes);
  ppp.hex('ppp.protocol', at, protocolBytes, 'Protocol', pppProtocolName(protocol));
  frame.carried.pppProtocol(frame, protocol, from + at + protocolBytes, to);
}

/** The name of a PPP protocol number, or the number. */
export function pppProtocolName(protocol: number): string {
  return PROTOCOLS[protocol] ?? `PPP protocol 0x${protocol.toString(16).padStart(4, '0')}`;
}

/** A PPPoE header in `[from, to)`, and the session's PPP or the tags of discovery (RFC 2516). */
export function dissectPppoe(frame: Frame, from: number, to: number, isSession: boolean): void {
  const protocol = isSession ? 'pppoes' : 'pppoed';
  const pppoe = frame.layer(protocol, isSession ? 'PPPoE session' : 'PPPoE discovery', PPPOE, from, to);
  pppoe.bits('pppoe.version', 0, 1, 4, 15, 'Version', 'always 1');
  pppoe.bits('pppoe.type', 0, 1, 0, 15, 'Type', 'always 1');
  const code = pppoe.hex('pppoe.code', 1, 1, 'Code', CODES[pppoe.peek(1, 1)] ?? 'unknown');
  const session = pppoe.hex('pppoe.session_id', 2, 2, 'Session', 'with both stations, it names the session');
  const length = pppoe.uint('pppoe.payload_length', 4, 2, 'Length', 'bytes of what follows');
  if (pppoe.available < HEADER_BYTES) {
    frame.say(`PPPoE [|pppoe], length ${to - from}`);
    return;
  }
  const end = Math.min(to, from + HEADER_BYTES + length);
  if (from + HEADER_BYTES + length > to && !frame.isCut)
    pppoe.problem(`length ${length}, but only ${pppoe.available - HEADER_BYTES} bytes are there`);
  if (!isSession) {
    frame.say(`PPPoE ${CODES[code]?.slice(0, 4) ?? `code 0x${code.toString(16)}`}, length ${length}`);
    tags(pppoe, Math.min(HEADER_BYTES + length, pppoe.available));
    return;
  }
  frame.say(`PPPoE [ses 0x${session.toString(16)}] `);
  dissectPpp(frame, from + HEADER_BYTES, end);
}

function tags(pppoe: LayerBuilder, end: number): void {
  pppoe.cite = TAGS;
  for (let at = HEADER_BYTES; at + 4 <= end; ) {
    const type = pppoe.hex('pppoed.tag', at, 2, 'Tag', 'see appendix A');
    const length = pppoe.uint('pppoed.tag_length', at + 2, 2, 'Tag length', 'bytes');
    if (at + 4 + length > end) return;
    if (type === 0x0101) pppoe.text('pppoed.tags.service_name', at + 4, length, 'Service', 'empty: any');
    else if (type === 0x0102) pppoe.text('pppoed.tags.ac_name', at + 4, length, 'Server', 'its name');
    else if (length > 0) pppoe.raw('pppoed.tag_data', at + 4, length, 'Tag data', 'raw bytes');
    at += 4 + length;
  }
}
