/**
 * What the `yaml` package complains of, in words that say what to do, and at the place where it is to be done. The
 * parser tells where it stumbled, which may be the line before the slip or the one behind it.
 */
import { type Document, isScalar, Scalar, visit, type YAMLParseError, type YAMLWarning } from 'yaml';

/** A slip of the one who wrote the file. */
export interface Slip {
  /** In UTF-16 units from the beginning of the text. */
  readonly offset: number;
  readonly message: string;
  /** The file can be read all the same, so more can be told of it. */
  readonly isReadable?: boolean;
}

/** What the codes of the `yaml` package mean, where nothing more exact can be told. */
const WORDS: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag of its own',
  BAD_ALIAS: 'this alias has no name: write *name',
  BAD_COLLECTION_TYPE: 'this tag does not fit a list or a mapping',
  BAD_DIRECTIVE: 'a line that begins with % is a YAML directive, and this is none that exists',
  BAD_DQ_ESCAPE: 'unknown escape sequence in a double-quoted text: write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines around it, or a bracket is not closed',
  BAD_PROP_ORDER: 'an anchor (&name) or a tag stands before its value, after the "- " of a list',
  BAD_SCALAR_START: 'a value cannot begin with this character: put it into quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " in one line: put the value into quotes, or begin a new line for the mapping',
  BLOCK_IN_FLOW: 'a comma is missing between the entries of { } or [ ], or a block stands between them',
  IMPOSSIBLE: 'this is not YAML',
  KEY_OVER_1024_CHARS: 'a key has at most 1,024 characters',
  MISSING_CHAR: 'a quote, bracket, comma or the space after ":" is missing; quote a value that has brackets in it',
  MULTILINE_IMPLICIT_KEY: 'between a key and its value stands ": ", a colon and a space, and this line has none',
  MULTIPLE_ANCHORS: 'a value has one anchor at most',
  MULTIPLE_DOCS: 'a configuration is one YAML document: remove the line "---" and what follows it',
  MULTIPLE_TAGS: 'a value has one tag at most',
  NON_STRING_KEY: 'a key is text',
  TAB_AS_INDENT: 'a tab as indentation: YAML takes spaces only',
  TAG_RESOLVE_FAILED: 'this tag (!name) has no meaning here: remove it, or put the value into quotes',
  UNEXPECTED_TOKEN:
    'this does not belong here: put a value that has quotes or brackets in it into quotes as a whole, or correct ' +
    'the indentation before it',
};

const TOO_FAR = 'this line is indented too far: the keys of one mapping begin in the same column';
const LOST_KEY = 'this line is indented too little: the keys of one mapping begin in the same column';
const LOST_ITEM = 'the lines "- …" of one list begin in the same column, and none stands among the keys of a mapping';

/** `to: -`, where standard output is meant. */
const LONE_DASH = /:\s+-\s*(?:[,}]|#|$)/;

type Complaint = YAMLParseError | YAMLWarning;

/** All that the parser complains of, in its order. */
export function slipsOf(document: Document, text: string): Slip[] {
  const complaints: Complaint[] = [...document.errors, ...document.warnings];
  const isEcho = ({ code, pos: [at] }: Complaint) =>
    code === 'MULTILINE_IMPLICIT_KEY' && complaints.some((other) => other.code !== code && other.pos[0] === at);
  return complaints
    .filter((complaint) => !isEcho(complaint))
    .map((complaint) => slipOf(complaint, complaints, document, text));
}

function slipOf(
  { code, message, pos: [at] }: Complaint,
  all: readonly Complaint[],
  document: Document,
  text: string,
): Slip {
  const here = firstLetter(text, at);
  const slip = (words: string, offset = here): Slip => ({ offset, message: words });
  if (code === 'DUPLICATE_KEY')
    return { ...slip(`${keyAt(text, at)} stands twice in the same mapping`), isReadable: true };
  if (LONE_DASH.test(lineAt(text, at))) return slip('a lone - begins a list: put it into quotes, "-"');
  if (message.startsWith('Sequence item without')) return slip(LOST_KEY);
  if (message.startsWith('A block sequence may not')) return slip(LOST_ITEM);
  if (message.startsWith('All mapping items must')) return slip(LOST_KEY);
  const quote = /^Missing closing (["'])/.exec(message)?.[1];
  if (quote !== undefined) return slip(`the quote ${quote} that begins here is not closed`, openQuote(document, at));
  const bracket = /^Flow .* end with a ([\]}])$/.exec(message)?.[1];
  if (bracket !== undefined) {
    return slip(`a ${bracket} is missing, or this line of a list or mapping in brackets is not indented`);
  }
  // The value goes on in the next line, which was meant as a key beside this one.
  const isLong = all.some((other) => other.code === 'MULTILINE_IMPLICIT_KEY' && other.pos[0] === at);
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && isLong) return slip(TOO_FAR, nextLine(text, at));
  return slip(WORDS[code] ?? message);
}

/** `the key "port"`; a key that is no plain text has no name here. */
function keyAt(text: string, offset: number): string {
  const name = /^["']?([^"':\n]+?)["']?\s*:/.exec(text.slice(offset))?.[1];
  return name === undefined ? 'this key' : `the key ${JSON.stringify(name)}`;
}

/** The line that the parser stumbled in, or the last one before it that says something. */
function lineAt(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  const lines = text
    .slice(0, end < 0 ? text.length : end)
    .trimEnd()
    .split('\n');
  return lines.at(-1) ?? '';
}

/** The first character behind spaces, if only spaces stand before it in its line. */
function firstLetter(text: string, offset: number): number {
  const begin = text.lastIndexOf('\n', offset - 1) + 1;
  if (text.slice(begin, offset).trim() !== '') return offset;
  let at = offset;
  while (text[at] === ' ') at++;
  return at;
}

/** Where the next line that is not empty has its first character. */
function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  const more = /\S/.exec(text.slice(end));
  return end < 0 || more === null ? offset : end + more.index;
}

/** Where the text in quotes begins that has no end before `end`. */
function openQuote(document: Document, end: number): number {
  let found = end;
  const quotes: readonly unknown[] = [Scalar.QUOTE_DOUBLE, Scalar.QUOTE_SINGLE];
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && quotes.includes(node.type) && node.range && node.range[0] < end) found = node.range[0];
    },
  });
  return found;
}
