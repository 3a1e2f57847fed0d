/** TCP options: RFC 9293 section 3.2 for the form; each kind has its own RFC. */
import type { LayerBuilder } from '../../layer-builder.js';

const FORM = 'RFC 9293 section 3.2';
const HEADER_BYTES = 20;

/** Kinds with a fixed length, or a function that takes them apart. `offset` is that of the kind byte. */
interface OptionKind {
  readonly name: string;
  readonly section: string;
  readonly isLength: (length: number) => boolean;
  /** @param base is taken off numbers of the other side's stream */
  readonly add: (tcp: LayerBuilder, offset: number, length: number, base: number) => void;
}

const KINDS: Readonly<Record<number, OptionKind>> = {
  2: {
    name: 'maximum segment size',
    section: 'RFC 9293 section 3.7.1',
    isLength: (length) => length === 4,
    add: (tcp, at) =>
      tcp.uint('tcp.options.mss_val', at + 2, 2, 'MSS', 'the most data the sender takes in one segment'),
  },
  3: {
    name: 'window scale',
    section: 'RFC 7323 section 2',
    isLength: (length) => length === 3,
    add: (tcp, at) =>
      tcp.uint('tcp.options.wscale.shift', at + 2, 1, 'Window scale', 'later windows are shifted left by this'),
  },
  4: {
    name: 'SACK permitted',
    section: 'RFC 2018 section 2',
    isLength: (length) => length === 2,
    add: () => {},
  },
  5: {
    name: 'SACK',
    section: 'RFC 2018 section 3',
    isLength: (length) => length >= 10 && (length - 2) % 8 === 0,
    add: addSack,
  },
  8: {
    name: 'timestamps',
    section: 'RFC 7323 section 3',
    isLength: (length) => length === 10,
    add: (tcp, at) => {
      tcp.uint('tcp.options.timestamp.tsval', at + 2, 4, 'TSval', "the sender's clock");
      tcp.uint('tcp.options.timestamp.tsecr', at + 6, 4, 'TSecr', "the peer's clock, given back");
    },
  },
  19: known('MD5 signature', 'RFC 2385 section 3'),
  28: known('user timeout', 'RFC 5482 section 3'),
  29: known('authentication', 'RFC 5925 section 2.2'),
  30: known('Multipath TCP', 'RFC 8684 section 3'),
  172: known('accurate ECN, first order', 'RFC 9768 section 3.2.3'),
  174: known('accurate ECN, second order', 'RFC 9768 section 3.2.3'),
  254: known('experiment', 'RFC 6994 section 3'),
  34: {
    name: 'fast open',
    section: 'RFC 7413 section 4.1.1',
    isLength: () => true,
    add: (tcp, at, length) =>
      tcp.raw('tcp.options.tfo.cookie', at + 2, length - 2, 'Cookie', 'proves that the peers have met'),
  },
};

/** A kind whose content is shown as bytes. */
function known(name: string, section: string): OptionKind {
  const add: OptionKind['add'] = (tcp, at, length) => {
    if (length > 2) tcp.raw('tcp.options.data', at + 2, length - 2, 'Option data', 'raw bytes');
  };
  return { name, section, isLength: () => true, add };
}

/** RFC 2018: what has arrived beyond the acknowledged byte; the newest block comes first. */
function addSack(tcp: LayerBuilder, at: number, length: number, base: number): void {
  for (let edge = at + 2; edge < at + length; edge += 8) {
    const [left, right] = [tcp.peek(edge, 4) - base, tcp.peek(edge + 4, 4) - base];
    tcp.add('tcp.options.sack_le', edge, 4, 'Left edge', left >>> 0, 'first byte of a block that has arrived');
    tcp.add('tcp.options.sack_re', edge + 4, 4, 'Right edge', right >>> 0, 'the byte after it');
  }
}

/**
 * Adds the options between the fixed header and `headerBytes`. A length that lies ends the list (MUST-7).
 * @param isCut the header may go on where the frame ends
 * @param base is taken off the edges of SACK blocks
 */
export function tcpOptions(tcp: LayerBuilder, headerBytes: number, isCut: boolean, base: number): void {
  const end = Math.min(headerBytes, tcp.available);
  let offset = HEADER_BYTES;
  while (offset < end) {
    const kind = tcp.peek(offset, 1);
    tcp.cite = FORM;
    if (kind <= 1) {
      tcp.uint('tcp.option_kind', offset, 1, 'Option', kind === 0 ? 'end of options' : 'no operation: padding');
      if (kind === 0) return;
      offset++;
      continue;
    }
    const length = offset + 1 < end ? tcp.peek(offset + 1, 1) : 0;
    const isWithin = isCut && end < headerBytes && (offset + 1 >= end || offset + length <= headerBytes);
    if (length < 2 || offset + length > end) {
      if (isWithin) tcp.has(0, headerBytes);
      else tcp.problem(`option ${kind} at byte ${offset} claims to have ${length} bytes`);
      return;
    }
    addOption(tcp, kind, offset, length, base);
    offset += length;
  }
}

function addOption(tcp: LayerBuilder, kind: number, offset: number, length: number, base: number): void {
  const known = KINDS[kind];
  if (known === undefined || !known.isLength(length)) {
    tcp.uint(
      'tcp.option_kind',
      offset,
      1,
      'Option',
      known === undefined ? 'unknown' : `${known.name} of the wrong length`,
    );
    if (length > 2) tcp.raw('tcp.options.data', offset + 2, length - 2, 'Option data', 'raw bytes');
    return;
  }
  tcp.cite = known.section;
  tcp.uint('tcp.option_kind', offset, 1, 'Option', known.name);
  known.add(tcp, offset, length, base);
}
