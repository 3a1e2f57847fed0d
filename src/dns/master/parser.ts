/**
 * A zone file as records: RFC 1035 section 5, RFC 2308 section 4 ($TTL), RFC 3597 (types without a name). A mistake
 * does not end the work: the next entry is read, so one look shows all that is wrong.
 *
 *     parseMaster(text, { file, origin, include }) ─▶ { records, errors }
 */
import { isWithin, nameText } from '../wire/name.js';
import { CLASS, classNumber, TYPE, typeNumber } from '../wire/types.js';
import { type Entry, Lexer, type Token } from './lexer.js';
import { EntryError, type Problem } from './problem.js';
import { parseData } from './rdata.js';
import { MAX_TTL, parseDuration, parseName, shortened } from './values.js';

/** A record as the file says it. Names are whole, in the case of the file. */
export interface MasterRecord {
  readonly owner: Uint8Array;
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  readonly data: Uint8Array;
  readonly file: string;
  readonly line: number;
}

export interface MasterOptions {
  /** For messages, and what `$INCLUDE` is relative to. */
  readonly file: string;
  /** The name of the zone, in the form of a message: what names without a dot at the end are relative to. */
  readonly origin: Uint8Array;
  /**
   * Reads another file: its text, one character a byte, and its name for messages. Undefined: `$INCLUDE` is not
   * allowed.
   * @throws {Error} with a message for people
   */
  readonly include?: ((name: string, from: string) => { readonly file: string; readonly text: string }) | undefined;
}

export interface MasterFile {
  readonly records: MasterRecord[];
  /** What is wrong; the first `MOST_ERRORS`. */
  readonly errors: Problem[];
  /** The files that were read, the first one included. */
  readonly files: string[];
}

/** More are not shown. */
export const MOST_ERRORS = 20;
/** Files within files: a circle ends here. */
const MOST_DEPTH = 16;

/** Reads a zone file. */
export function parseMaster(text: string, options: MasterOptions): MasterFile {
  const parser = new Parser(options);
  parser.file(text, options.file, options.origin, 0);
  return { records: parser.records, errors: parser.errors, files: [...parser.files] };
}

/** What a file is read with: its own origin, and the owner of the entry before. */
interface Place {
  readonly file: string;
  readonly depth: number;
  origin: Uint8Array;
  owner: Uint8Array | undefined;
}

class Parser {
  readonly records: MasterRecord[] = [];
  readonly errors: Problem[] = [];
  readonly files = new Set<string>();
  readonly #options: MasterOptions;
  #defaultTtl: number | undefined;
  #lastTtl: number | undefined;

  constructor(options: MasterOptions) {
    this.#options = options;
  }

  file(text: string, file: string, origin: Uint8Array, depth: number, owner?: Uint8Array): void {
    this.files.add(file);
    const lexer = new Lexer(text);
    const place: Place = { file, depth, origin, owner };
    for (let entry = lexer.next(); entry !== undefined; entry = lexer.next()) {
      if (this.errors.length >= MOST_ERRORS) return;
      try {
        if (entry.fault !== undefined) throw new EntryError(entry.fault);
        this.#entry(entry, place);
      } catch (error) {
        if (!(error instanceof EntryError)) throw error;
        this.errors.push({ file, line: entry.line, message: error.message });
      }
    }
  }

  #entry(entry: Entry, place: Place): void {
    const [first] = entry.tokens;
    if (first !== undefined && !first.isQuoted && first.text.startsWith('$')) this.#control(first.text, entry, place);
    else this.#record(entry, place);
  }

  #control(word: string, { tokens }: Entry, place: Place): void {
    const [, value, origin, ...rest] = tokens;
    if (value === undefined) throw new EntryError(`${word} needs a value`);
    switch (word.toUpperCase()) {
      case '$ORIGIN':
        if (origin !== undefined) throw new EntryError('$ORIGIN takes one name and nothing else');
        place.origin = parseName(value.text, place.origin);
        return;
      case '$TTL':
        if (origin !== undefined) throw new EntryError('$TTL takes one time and nothing else');
        this.#defaultTtl = checkedTtl(value.text);
        return;
      case '$INCLUDE':
        if (rest.length > 0) throw new EntryError('$INCLUDE takes a file, then a name as its origin, and nothing else');
        this.#include(value.text, origin === undefined ? place.origin : parseName(origin.text, place.origin), place);
        return;
      default:
        throw new EntryError(`${shortened(word)} is no control entry: there are $ORIGIN, $TTL and $INCLUDE`);
    }
  }

  /** RFC 1035 section 5.1: the origin and the owner of the including file stay as they were. */
  #include(name: string, origin: Uint8Array, place: Place): void {
    const { include } = this.#options;
    if (include === undefined) throw new EntryError('$INCLUDE is not possible here');
    if (place.depth + 1 >= MOST_DEPTH) throw new EntryError(`$INCLUDE: files include each other ${MOST_DEPTH} deep`);
    let found: ReturnType<typeof include>;
    try {
      found = include(name, place.file);
    } catch (error) {
      throw new EntryError(`$INCLUDE ${shortened(name)}: ${error instanceof Error ? error.message : error}`);
    }
    this.file(found.text, found.file, origin, place.depth + 1, place.owner);
  }

  #record(entry: Entry, place: Place): void {
    const { tokens, isIndented } = entry;
    let next = 0;
    if (!isIndented) place.owner = parseName(tokens[next++]?.text ?? '', place.origin);
    const { owner } = place;
    if (owner === undefined) throw new EntryError('the first record needs an owner: a name at the start of its line');
    const head = readHead(tokens, next);
    next = head.next;
    const label = tokens[next - 1]?.text.toUpperCase() ?? '';
    checkType(head.type, label);
    const data = parseData(head.type, label, place.origin, tokens, next);
    const ttl = this.#ttlOf(head.ttl, head.type, data);
    if (!isWithin(owner, this.#options.origin)) {
      throw new EntryError(`${nameText(owner)} is not within the zone ${nameText(this.#options.origin)}: leave it out`);
    }
    this.records.push({ owner, type: head.type, ttl, data, file: place.file, line: entry.line });
  }

  /** RFC 2308 section 4: its own, else that of $TTL, else that of the record before; a first SOA gives its minimum. */
  #ttlOf(own: number | undefined, type: number, data: Uint8Array): number {
    let ttl = own ?? this.#defaultTtl ?? this.#lastTtl;
    if (ttl === undefined && type === TYPE.SOA) {
      ttl = new DataView(data.buffer, data.byteOffset + data.length - 4).getUint32(0) & MAX_TTL;
    }
    if (ttl === undefined)
      throw new EntryError('this record has no TTL: write one, or $TTL 3600 at the top of the file');
    this.#lastTtl = ttl;
    return ttl;
  }
}

interface Head {
  readonly ttl: number | undefined;
  readonly type: number;
  /** The token behind the type. */
  readonly next: number;
}

/** TTL and class, in either order or left out, then the type. */
function readHead(tokens: readonly Token[], from: number): Head {
  let ttl: number | undefined;
  let hasClass = false;
  for (let next = from; next < tokens.length; next++) {
    const { text } = tokens[next]!;
    const seconds = ttl === undefined ? parseDuration(text) : undefined;
    const type = typeNumber(text);
    if (type !== undefined) return { ttl, type, next: next + 1 };
    if (seconds !== undefined) ttl = checkedTtl(text);
    else if (!hasClass && classNumber(text) !== undefined) {
      hasClass = true;
      if (classNumber(text) !== CLASS.IN) throw new EntryError(`class ${text}: only IN is served`);
    } else throw new EntryError(`"${shortened(text)}" is no type; one without a name is written TYPE1234`);
  }
  throw new EntryError(
    'the type is missing: an entry is NAME TTL CLASS TYPE DATA, where TTL and class may be left out',
  );
}

function checkedTtl(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds > MAX_TTL) {
    throw new EntryError(`"${shortened(text)}" is no TTL: write seconds up to ${MAX_TTL}, or a time like 1h30m`);
  }
  return seconds;
}

/** RFC 6895 section 3.1: questions and pseudo-records are no data. */
function checkType(type: number, label: string): void {
  if (type === 0 || type === TYPE.OPT || type === TYPE.NXNAME || (type >= 128 && type <= 255)) {
    throw new EntryError(`${label} is for messages: a zone has no such records`);
  }
}
