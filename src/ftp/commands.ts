/**
 * The commands (RFC 959, RFC 1123 section 4.1, RFC 2389, RFC 2428, RFC 3659, RFC 775's old names), as a table: whether
 * a stranger may give them, whether they need an argument, and what they do. The server is read-only, and whoever names
 * himself `anonymous` or `ftp` gets in.
 */
import { AsciiContent, type Content, FileContent, ListContent, PiecesContent } from './content.js';
import { formatPassive, parseExtendedPort, parsePort } from './ends.js';
import { FACTS, type Fact, type Found, factLine, inOrder, listLine, timeValue } from './listing.js';
import { quoted, resolvePath } from './path.js';
import type { FolderAnswer, Session } from './session.js';
import { TRANSFER } from './state.js';

export interface Command {
  readonly isForStrangers?: boolean;
  readonly argument?: 'needed';
  readonly action: (session: Session, argument: string) => void;
}

/** Obeyed while a transfer is under way. */
export const URGENT: ReadonlySet<string> = new Set(['ABOR', 'STAT', 'QUIT']);

/** Nobody connects to a service of another host through us (the "bounce attack", RFC 2577 section 3). */
const LOWEST_CLIENT_PORT = 1_024;
/** STAT tells no more names than that: its list goes over the control connection. */
const MOST_STATUS_NAMES = 1_000;

const does = (action: Command['action']): Command => ({ action });
const needs = (action: Command['action']): Command => ({ action, argument: 'needed' });
const says = (code: number, text: string): Command => ({
  isForStrangers: true,
  action: (session) => session.reply(code, text),
});
const READ_ONLY = says(550, 'This server is read-only.');

export const COMMANDS: Readonly<Record<string, Command>> = {
  USER: { isForStrangers: true, argument: 'needed', action: user },
  PASS: { isForStrangers: true, action: pass },
  ACCT: says(202, 'No account is needed.'),
  QUIT: {
    isForStrangers: true,
    action: (session) => {
      session.reply(221, 'Goodbye.');
      session.leave();
    },
  },
  NOOP: says(200, 'Still here.'),
  SYST: says(215, 'UNIX Type: L8'),
  HELP: { isForStrangers: true, action: (session) => session.reply(214, `The commands are\n${names()}\nThat is all.`) },
  FEAT: {
    isForStrangers: true,
    action: (session) => session.reply(211, `Features\n${features(session).join('\n')}\nEnd`),
  },
  OPTS: needs(options),
  AUTH: says(502, 'There is no encryption here.'),
  ADAT: says(502, 'There is no encryption here.'),
  PBSZ: says(502, 'There is no encryption here.'),
  PROT: says(502, 'There is no encryption here.'),
  CCC: says(502, 'There is no encryption here.'),
  SMNT: says(502, 'There is nothing of that kind here.'),
  ALLO: says(202, 'Nothing is stored here.'),
  SITE: says(502, 'There is nothing of that kind here.'),
  REIN: { isForStrangers: true, action: reinitialize },

  PWD: does((session) => session.reply(257, quoted(session.folder))),
  XPWD: does((session) => session.reply(257, quoted(session.folder))),
  CWD: needs(changeFolder),
  XCWD: needs(changeFolder),
  CDUP: does((session) => changeFolder(session, '..')),
  XCUP: does((session) => changeFolder(session, '..')),

  TYPE: needs(type),
  MODE: needs((session, argument) => onlyIs(session, argument, 'S', 'Only stream mode is known.')),
  STRU: needs((session, argument) => onlyIs(session, argument, 'F', 'Only files are known.')),
  REST: needs(restart),
  PASV: does(passive),
  EPSV: does(extendedPassive),
  PORT: needs(port),
  EPRT: needs(extendedPort),
  ABOR: does((session) => session.abortTransfer()),

  RETR: needs(retrieve),
  SIZE: needs(size),
  MDTM: needs(modified),
  LIST: does((session, argument) => list(session, argument, 'LIST')),
  NLST: does((session, argument) => list(session, argument, 'NLST')),
  MLSD: does((session, argument) => list(session, argument, 'MLSD')),
  MLST: does(facts),
  STAT: does(status),

  STOR: READ_ONLY,
  STOU: READ_ONLY,
  APPE: READ_ONLY,
  DELE: READ_ONLY,
  RNFR: READ_ONLY,
  RNTO: READ_ONLY,
  MKD: READ_ONLY,
  XMKD: READ_ONLY,
  RMD: READ_ONLY,
  XRMD: READ_ONLY,
  MFMT: READ_ONLY,
};

function names(): string {
  const all = Object.keys(COMMANDS).filter((word) => COMMANDS[word] !== READ_ONLY);
  const rows: string[] = [];
  for (let i = 0; i < all.length; i += 12) rows.push(all.slice(i, i + 12).join(' '));
  return rows.join('\n');
}

function features({ facts: chosen }: Session): string[] {
  const list = FACTS.map((fact) => `${fact}${chosen.has(fact) ? '*' : ''};`).join('');
  return ['EPRT', 'EPSV', 'MDTM', `MLST ${list}`, 'PASV', 'REST STREAM', 'SIZE', 'TVFS', 'UTF8'];
}

// ── who it is ──────────────────────────────────────────────────────────────────────────────────────────────────────

function user(session: Session, argument: string): void {
  if (/^(anonymous|ftp)$/i.test(argument)) {
    session.move('named');
    session.reply(331, 'Anonymous it is; any password will do.');
  } else {
    session.move('refused');
    session.reply(530, 'Only anonymous users are served here.');
  }
}

function pass(session: Session): void {
  if (session.state === 2) session.reply(230, 'You are logged in already.');
  else if (session.state === 1) {
    session.move('welcomed');
    session.reply(230, 'Welcome.');
  } else session.reply(503, 'USER comes first.');
}

function reinitialize(session: Session): void {
  session.forgetPlan();
  session.move('refused');
  session.folder = '';
  session.isAscii = true;
  session.restart = 0;
  session.isExtendedOnly = false;
  session.facts = new Set(FACTS);
  session.reply(220, 'Ready for a new user.');
}

function options(session: Session, argument: string): void {
  const [word = '', ...rest] = argument.split(' ');
  if (/^utf-?8$/i.test(word)) session.reply(200, 'Names are UTF-8 always.');
  else if (/^mlst$/i.test(word)) {
    const wanted = rest.join(' ').toLowerCase().split(';');
    session.facts = new Set(FACTS.filter((fact) => wanted.includes(fact)));
    session.reply(200, `MLST OPTS ${[...session.facts].map((fact: Fact) => `${fact};`).join('')}`);
  } else session.reply(501, 'There is no such option.');
}

// ── folders ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The path that an argument means; a reply is sent if it means none. */
function pathOf(session: Session, argument: string): string | undefined {
  const path = resolvePath(session.folder, argument);
  if (path === undefined) session.reply(553, 'That is no path.');
  return path;
}

function missing(session: Session): void {
  session.reply(550, 'There is no such file or folder.');
}

function changeFolder(session: Session, argument: string): void {
  const path = pathOf(session, argument);
  if (path === undefined) return;
  session.ask(path, false, ({ found }) => {
    if (found === undefined) missing(session);
    else if (!found.isFolder) session.reply(550, 'That is no folder.');
    else {
      session.folder = path;
      session.reply(250, `The folder is ${quoted(path)} now.`);
    }
  });
}

function list(session: Session, argument: string, how: 'LIST' | 'NLST' | 'MLSD'): void {
  // Clients give LIST the options of ls(1).
  const path = pathOf(session, how === 'MLSD' ? argument : argument.replace(/^(-\S*\s*)+/, ''));
  if (path === undefined) return;
  session.ask(path, true, (answer) => {
    if (answer.found === undefined) missing(session);
    else if (how === 'MLSD' && !answer.found.isFolder) session.reply(501, 'That is no folder.');
    else openList(session, how, listText(session, answer, how));
  });
}

function openList(session: Session, how: string, text: string): void {
  const { lists } = session.service;
  if (lists.has(text.length)) session.open(how, () => new ListContent(text, lists));
  else session.reply(450, 'Too many lists are under way; try again.');
}

function listText({ facts: chosen, service }: Session, answer: FolderAnswer, how: 'LIST' | 'NLST' | 'MLSD'): string {
  const { found, entries } = answer;
  const all = inOrder(found === undefined || found.isFolder ? entries : [found]);
  const line = (each: Found): string => {
    if (how === 'NLST') return `${each.name}\r\n`;
    return how === 'LIST' ? listLine(each, service.epochMs()) : `${factLine(each, chosen, each.name)}\r\n`;
  };
  const self = how === 'MLSD' && found !== undefined ? `${factLine(found, chosen, '.', 'cdir')}\r\n` : '';
  return self + all.map(line).join('');
}

function facts(session: Session, argument: string): void {
  const path = pathOf(session, argument);
  if (path === undefined) return;
  session.ask(path, false, ({ found }) => {
    if (found === undefined) missing(session);
    else session.reply(250, `Facts\n${factLine(found, session.facts, path === '' ? '/' : path)}\nEnd`);
  });
}

function status(session: Session, argument: string): void {
  if (argument === '' || session.state === TRANSFER) {
    const { name, queuedBytes } = session.transfer;
    const now = session.state === TRANSFER ? `${name} is under way, ${queuedBytes} bytes to go` : 'No transfer';
    const lines = [`Type ${session.isAscii ? 'A' : 'I'}, mode S, structure F`, `Folder ${quoted(session.folder)}`, now];
    session.reply(211, `fastpath\n${lines.join('\n')}\nEnd`);
    return;
  }
  const path = pathOf(session, argument.replace(/^(-\S*\s*)+/, ''));
  if (path === undefined) return;
  session.ask(path, true, (answer) => {
    if (answer.found === undefined) missing(session);
    else if (answer.entries.length > MOST_STATUS_NAMES) session.reply(450, 'The folder has too many names: use LIST.');
    else {
      const lines = listText(session, answer, 'LIST').replaceAll('\r', '');
      session.reply(answer.found.isFolder ? 212 : 213, `Status\n${lines}End`);
    }
  });
}

// ── how transfers go ───────────────────────────────────────────────────────────────────────────────────────────────

function type(session: Session, argument: string): void {
  const match = /^(A|I|L 8)( N)?$/i.exec(argument);
  if (match === null) {
    session.reply(504, 'The types are A, I and L 8.');
    return;
  }
  session.isAscii = /^a/i.test(argument);
  session.reply(200, `The type is ${session.isAscii ? 'A' : 'I'} now.`);
}

function onlyIs(session: Session, argument: string, known: string, otherwise: string): void {
  if (argument.toUpperCase() === known) session.reply(200, 'Fine.');
  else session.reply(504, otherwise);
}

function restart(session: Session, argument: string): void {
  const offset = /^\d{1,15}$/.test(argument) ? Number(argument) : undefined;
  if (offset === undefined) session.reply(501, 'REST needs a number of bytes.');
  else if (session.isAscii && offset > 0) session.reply(504, 'REST needs TYPE I.');
  else {
    session.restart = offset;
    session.reply(350, `The next transfer begins at byte ${offset}.`);
  }
}

function passive(session: Session): void {
  const { localAddress } = session.connection;
  if (refusesOldWay(session)) return;
  const opened = session.listen();
  if (opened === undefined) session.reply(425, 'No port is free.');
  else session.reply(227, `Entering Passive Mode ${formatPassive(localAddress, opened)}.`);
}

function extendedPassive(session: Session, argument: string): void {
  const isV4 = session.connection.localAddress.isV4;
  if (/^all$/i.test(argument)) {
    session.isExtendedOnly = true;
    session.reply(200, 'EPSV it is from now on.');
  } else if (argument !== '' && argument !== (isV4 ? '1' : '2')) {
    session.reply(522, `That family is not this connection's, use (${isV4 ? 1 : 2})`);
  } else {
    const opened = session.listen();
    if (opened === undefined) session.reply(425, 'No port is free.');
    else session.reply(229, `Entering Extended Passive Mode (|||${opened}|).`);
  }
}

function refusesOldWay(session: Session): boolean {
  if (session.isExtendedOnly) session.reply(501, 'EPSV ALL was agreed on.');
  else if (!session.connection.localAddress.isV4) session.reply(522, 'Use EPSV or EPRT over IPv6, use (2)');
  else return false;
  return true;
}

function port(session: Session, argument: string): void {
  if (refusesOldWay(session)) return;
  const end = parsePort(argument);
  if (end === undefined) session.reply(501, 'PORT needs six numbers up to 255.');
  else goTo(session, end);
}

function extendedPort(session: Session, argument: string): void {
  const end = parseExtendedPort(argument);
  if (session.isExtendedOnly) session.reply(501, 'EPSV ALL was agreed on.');
  else if (end === 'family') session.reply(522, 'That family is not known, use (1,2)');
  else if (end === undefined) session.reply(501, 'EPRT needs |family|address|port|.');
  else goTo(session, end);
}

function goTo(session: Session, end: { address: Session['connection']['remoteAddress']; port: number }): void {
  if (!end.address.equals(session.connection.remoteAddress) || end.port < LOWEST_CLIENT_PORT) {
    session.reply(504, 'Data goes to your own address and a port from 1024 on, and nowhere else.');
    return;
  }
  session.forgetPlan();
  session.plan = { kind: 'active', end };
  session.reply(200, 'That is where the data goes.');
}

// ── files ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function retrieve(session: Session, argument: string): void {
  const from = session.restart;
  session.restart = 0;
  const path = pathOf(session, argument);
  if (path === undefined) return;
  session.find(path, (entry) => {
    if (entry === undefined) missing(session);
    else if (from > entry.payloadLength) session.reply(554, 'REST leads beyond the end of the file.');
    else if (session.isAscii && entry.stream !== 0) {
      session.reply(550, 'The file is too large for TYPE A: use TYPE I.');
    } else session.open('RETR', (giveWay) => contentOf(session, entry, from, giveWay));
  });
}

type FoundEntry = NonNullable<ReturnType<Session['service']['store']['find']>>;

function contentOf(session: Session, entry: FoundEntry, from: number, giveWay: () => void): Content {
  const { store, room } = session.service;
  if (session.isAscii) return new AsciiContent(entry);
  return entry.stream === 0 ? new FileContent(entry, from) : new PiecesContent(entry, from, store, room, giveWay);
}

/** What a client counts with: the bytes of TYPE I (RFC 3659 section 4). */
function size(session: Session, argument: string): void {
  const path = pathOf(session, argument);
  if (path === undefined) return;
  if (session.isAscii) {
    session.reply(550, 'SIZE needs TYPE I.');
    return;
  }
  session.find(path, (entry) => {
    if (entry === undefined) session.reply(550, 'That is no file.');
    else session.reply(213, String(entry.payloadLength));
  });
}

function modified(session: Session, argument: string): void {
  const path = pathOf(session, argument);
  if (path === undefined) return;
  session.ask(path, false, ({ found }) => {
    if (found === undefined || found.isFolder) session.reply(550, 'That is no file.');
    else session.reply(213, timeValue(found.modifiedMs));
  });
}
