/** TCP options: RFC 9293 section 3.2 for the form; each kind has its own RFC. */
import type { LayerBuilder } from '../layer-builder.js';

const FORM = 'RFC 9293 section 3.2';
const HEADER_BYTES = 20;

/** Kinds with a fixed length, or a function that takes them apart. `offset` is that of the kind byte. */
interface OptionKind {
  readonly name: string;
  readonly section: string;
  readonly isLength: (length: number) => boolean;
  readonly add: (tcp: LayerBuilder, offset: number, length: number) => void;
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
  34: {
    name: 'fast open',
    section: 'RFC 7413 section 4.1.1',
    isLength: () => true,
    add: (tcp, at, length) => tcp.raw('tcp.options.tfo.cookie', at + 2, length - 2, 'Cookie', 'shows that we have met'),
  },
};

/** RFC 2018: what has come beyond the acknowledged byte, the newest block first. */
function addSack(tcp: LayerBuilder, at: number, length: number): void {
  for (let edge = at + 2; edge < at + length; edge += 8) {
    tcp.uint('tcp.options.sack_le', edge, 4, 'Left edge', 'first byte of a block that has come');
    tcp.uint('tcp.options.sack_re', edge + 4, 4, 'Right edge', 'the byte behind it');
  }
}

/** Adds the options between the fixed header and `headerBytes`. A length that lies ends the list (MUST-7). */
export function tcpOptions(tcp: LayerBuilder, headerBytes: number): void {
  let offset = HEADER_BYTES;
  while (offset < headerBytes) {
    const kind = tcp.peek(offset, 1);
    tcp.cite = FORM;
    if (kind <= 1) {
      tcp.uint('tcp.option_kind', offset, 1, 'Option', kind === 0 ? 'end of options' : 'no operation: padding');
      if (kind === 0) return;
      offset++;
      continue;
    }
    const length = offset + 1 < headerBytes ? tcp.peek(offset + 1, 1) : 0;
    if (length < 2 || offset + length > headerBytes) {
      tcp.problem(`option ${kind} at byte ${offset} says it is ${length} bytes long`);
      return;
    }
    addOption(tcp, kind, offset, length);
    offset += length;
  }
}

function addOption(tcp: LayerBuilder, kind: number, offset: number, length: number): void {
  const known = KINDS[kind];
  if (known === undefined || !known.isLength(length)) {
    tcp.uint(
      'tcp.option_kind',
      offset,
      1,
      'Option',
      known === undefined ? 'not known' : `${known.name} of the wrong length`,
    );
    if (length > 2) tcp.raw('tcp.options.data', offset + 2, length - 2, 'Option data', 'as it is');
    return;
  }
  tcp.cite = known.section;
  tcp.uint('tcp.option_kind', offset, 1, 'Option', known.name);
  known.add(tcp, offset, length);
}
