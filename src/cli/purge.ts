/** `fastpath purge`: takes what is kept of handler and upstreams away, and reads files again. */
import { type IncomingMessage, request } from 'node:http';
import type { Command } from 'commander';
import { cacheLabel } from '../admin/cache-label.js';
import type { Purged } from '../admin/source.js';
import { readToken } from '../admin/token.js';
import { askServer } from '../serve/process/control-socket.js';
import { ServeError } from '../serve/serve-error.js';
import type { PurgedAnswers } from '../shared-cache/thread/messages.js';
import { type AdminAddress, parseAdminAddress } from '../site/admin-address.js';
import { countOf } from '../words/numbers.js';
import { findServer } from './find-server.js';
import { refuseRepeats, subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'purge http://example.org/news', meaning: 'one URL, of one host' },
  { line: 'purge /news', meaning: 'the same path of all hosts' },
  { line: 'purge --prefix /assets/', meaning: 'all that begin so' },
  { line: 'purge --tag news', meaning: 'all answers with this tag in Surrogate-Key or Cache-Tag' },
  { line: 'purge --tag news --soft', meaning: 'they are validated first, and stand in while the origin fails' },
];

const NOTES = `
The server is asked at its listener for administrators (--admin), so it has to run with one. Over TCP the token is
needed: --token-file, or $FASTPATH_ADMIN_TOKEN. A Unix socket needs none.
`;

interface Flags {
  readonly prefix?: string;
  readonly tag?: string;
  readonly soft?: boolean;
  readonly interface?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** What the listener answers. */
interface Answer {
  readonly purged?: readonly Purged[];
  readonly answers?: readonly PurgedAnswers[];
  readonly error?: string;
  readonly advice?: string;
}

/** The subcommand `purge`. */
export function purgeCommand(): Command {
  const command = subcommand('purge', 'Take kept answers away, and read files again.', EXAMPLES)
    .argument('[url]', 'a path, or a whole URL; its query counts')
    .option('--prefix <url>', 'all that begin so')
    .option('--tag <tag>', 'kept answers with this tag')
    .option('--soft', 'kept answers are validated before they are sent again, and not taken away')
    .option('-i, --interface <name>', 'if several servers run: the interface of one, or its process number')
    .option('--token-file <file>', 'the token (else $FASTPATH_ADMIN_TOKEN)')
    .option('--json', 'what the server answers, as JSON')
    .addHelpText('after', NOTES);
  refuseRepeats(command);
  return command.action(async (url: string | undefined, flags: Flags) => {
    const { prefix, tag, soft = false } = flags;
    const wishes = Object.entries({ url, prefix, tag }).filter(([, value]) => value !== undefined);
    const [wish] = wishes;
    if (wish === undefined || wishes.length > 1) command.error('error: name one of: a URL, --prefix, --tag');
    const [name, value = ''] = wish as [string, string];
    if (name !== 'tag' && !/^(\/|https?:\/\/)/i.test(value)) {
      command.error(`error: "${value}" is no path and no URL: write /${value}, or http://host/${value}`);
    }
    const query = new URLSearchParams({ [name]: value, ...(soft && { soft: 'true' }) });
    const answer = await ask(await adminOf(flags.interface), `/purge?${query}`, readToken(flags.tokenFile));
    console.log(flags.json ? JSON.stringify(answer) : describePurge(answer, value).join('\n'));
  });
}

/** What was purged, a line for each site and each cache. `wish`: what was to be purged. */
export function describePurge({ purged = [], answers = [] }: Answer, wish: string): string[] {
  const kept = answers.map(({ cache, answers: count }) => `cache of ${cacheLabel(cache)}: ${countOf(count, 'answer')}`);
  const files = purged
    .filter(({ read, removed }) => read + removed > 0)
    .map(
      ({ site, read, changed, removed }) =>
        `${site}: ${countOf(read, 'file')} read, ${changed} changed, ${removed} gone`,
    );
  const all = [...kept, ...files];
  return all.length === 0 ? [`nothing was purged: no site has a file ${wish}, and no cache an answer for it`] : all;
}

/** Where the server's administrators ask. @throws {ServeError} `failure` if it has no listener for them */
async function adminOf(interfaceName: string | undefined): Promise<AdminAddress> {
  const server = await findServer(interfaceName, 'sock');
  const answer = (await askServer(server.path)) as { admin?: string } | undefined;
  if (answer === undefined) {
    const message = `the server on ${server.interfaceName} does not answer`;
    throw new ServeError('failure', message, 'You must be its user or root.');
  }
  if (answer.admin !== undefined) return parseAdminAddress(answer.admin);
  throw new ServeError(
    'failure',
    `the server on ${server.interfaceName} has no listener for administrators`,
    'Start it with --admin /run/fastpath/admin.sock.',
  );
}

/** @throws {ServeError} `failure` with the words of the listener */
async function ask(address: AdminAddress, path: string, token: string | undefined): Promise<Answer> {
  const where = address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ ...where, path, method: 'POST', headers }, resolve)
      .on('error', reject)
      .end();
  }).catch((cause: Error) => {
    throw new ServeError('failure', `the listener for administrators cannot be asked: ${cause.message}`, '', { cause });
  });
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return answerOf(incoming.statusCode ?? 0, Buffer.concat(chunks).toString());
}

/** What a user of the command can do about a token: the words of the listener are for users of HTTP. */
const TOKEN_ADVICE = 'Name the file of the token: --token-file FILE, or set $FASTPATH_ADMIN_TOKEN.';

/**
 * What the listener says.
 * @throws {ServeError} `failure` with its words, or if it is none of ours: it sends no object
 */
export function answerOf(status: number, text: string): Answer {
  const answer = parsed(text);
  if (answer === undefined) {
    throw new ServeError('failure', `what listens there is no listener for administrators: it answered ${status}`);
  }
  if (status === 200) return answer;
  const advice = status === 401 ? TOKEN_ADVICE : (answer.advice ?? '');
  throw new ServeError('failure', answer.error ?? `it answered ${status}`, advice);
}

/** Undefined: it is no object of JSON. */
function parsed(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}
