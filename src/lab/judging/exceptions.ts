/**
 * Words for what a student's code throws, and for why it cannot be loaded. What is thrown may be anything: an object
 * without a text, a proxy that throws again when it is looked at. Nothing here throws. It takes nothing of Node: the
 * page judges with it, too.
 */

/** A longer message is cut. */
const MOST_CHARACTERS = 2000;

/** What this looks up in an exception, as a text; the other text where the look-up itself fails. */
function textOf(otherwise: string, look: () => unknown): string {
  try {
    return String(look()).slice(0, MOST_CHARACTERS);
  } catch {
    return otherwise;
  }
}

/** The message of an error, or the text of anything else that was thrown. */
export function messageOf(error: unknown): string {
  return textOf('(it has no text)', () => (error instanceof Error ? error.message : error));
}

/** As in `TypeError: no such thing`. */
export function exceptionWords(error: unknown): string {
  const name = textOf('an exception', () => (error instanceof Error ? error.name : 'an exception'));
  return `${name}: ${messageOf(error)}`;
}

/** A frame of the stack in a module of ours, as Node writes it. */
const IN_NODE = /file:\/\/\S*\/dist\/src\/(\S+?)\.js(?:\?\S*?)?:(\d+):\d+/;
/** In the page the student's file is the body of a function: as Chromium and as Firefox write its lines. */
const IN_PAGE = /(?:at )?([\w.#]+)? ?(?:\(eval at .*<anonymous>|@\S.* > Function):(\d+):\d+/;
/** A function that is made of a text has a head of two lines. */
const HEAD_LINES = 2;

/** Where it happened: in Node the places in the stack, in the page those in the student's file. */
export function placesOf(error: unknown): string[] {
  const stack = textOf('', () => (error instanceof Error ? error.stack : ''));
  return stack.split('\n').slice(0, 7).flatMap(placeIn);
}

/** The place of one line of a stack; none if it is in the judge or in Node. */
export function placeIn(frame: string): string[] {
  const [, file] = IN_NODE.exec(frame) ?? [];
  if (file !== undefined) return file.startsWith('lab/') ? [] : [frame.trim().replace(IN_NODE, '$1.ts:$2')];
  const [, name, line] = IN_PAGE.exec(frame) ?? [];
  return line === undefined ? [] : [`at ${name ?? 'the file'} (your file, line ${Number(line) - HEAD_LINES})`];
}

/** A promise that is rejected with something else than an error: Node makes a long error of it. */
const REJECTED_WITH = /The promise rejected with the reason "(.*)"\.$/s;

/** Words for what nothing has caught, with its first place. */
export function uncaughtWords(error: unknown): string {
  const words = REJECTED_WITH.exec(messageOf(error))?.[1] ?? exceptionWords(error);
  return ['an exception in a timer or a promise:', words, ...placesOf(error).slice(0, 1)].join(' ');
}

/** Whether V8 could not read a module, and no code of it has run. V8 keeps the line to itself. */
export function isUnread(error: unknown): boolean {
  return textOf('', () => (error instanceof SyntaxError ? error.stack : '')).includes('at compileSourceTextModule');
}

/** What a student is told whose file has lost a name. */
export function missingWords(name: string): string {
  return `the stack imports ${name} from your file, and it is not there: has it lost its name or its \`export\`?`;
}

/** What a student is told whose file imports something else than the product's file in its place does. */
export function strangeImportWords(name: string): string {
  return `the file cannot import ${name}: only what it imported at first`;
}
