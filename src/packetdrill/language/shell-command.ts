/**
 * The shell lines of a script, read but never run: of a `sysctl` only the setting matters, of `tc … limit 0` only that
 * nothing leaves any more. A line that names a file of settings beside the script is read from that file.
 */

/** What a shell line asks for. */
export type ShellEffect =
  | { readonly kind: 'setting'; readonly name: string; readonly value: string }
  /** Nothing leaves the device, or all does again. */
  | { readonly kind: 'link'; readonly up: boolean }
  /** The link takes packets of so many bytes. */
  | { readonly kind: 'mtu'; readonly bytes: number }
  /** No offload: a packet longer than a segment must not come in one piece. */
  | { readonly kind: 'segments' }
  /** Read and found to have no meaning here. */
  | { readonly kind: 'ignored'; readonly text: string };

/** Reads a file named in a script; `undefined` if there is none. */
export type ReadScriptFile = (name: string) => string | undefined;

const SETTING = /^(?:\/proc\/sys\/)?((?:net|kern)[./][\w./]+)=(.*)$/;
/** Nothing that they do can be seen from outside of the machine. */
const WITHOUT_EFFECT =
  /^(?:true|nstat\b|ss\b|sleep\b|echo\b|grep\b|ip tcp_metrics|ethtool\b|kldload\b|\/tmp\/sysctl_restore)/;

/** Files of settings that name another are followed so far: one may name itself. */
const MAX_FILE_DEPTH = 5;

/** Cuts a line of a script's shell text (or a whole file) into what it asks for. */
export function shellEffects(text: string, readFile: ReadScriptFile, depth = 0): ShellEffect[] {
  const effects: ShellEffect[] = [];
  for (const command of commands(text)) effects.push(...commandEffects(command, readFile, depth));
  return effects;
}

/** Single commands: continuation lines joined, comments dropped, cut at newlines, `;`, `&&` and `||`. */
function commands(text: string): string[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line) => line.replace(/(?:^|\s)#.*$/, '').split(/;|&&|\|\|/))
    .map((line) => line.replace(/\s*\d?>+\s*(?:\/dev\/null|&\d)/g, '').trim())
    .filter((line) => line !== '');
}

function commandEffects(command: string, readFile: ReadScriptFile, depth: number): ShellEffect[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|\$\(\([^)]*\)+|[^\s"'])+/g) ?? [];
  const settings = words.map((word) => parseSetting(word)).filter((found) => found !== undefined);
  if (settings.length > 0) return settings;
  if (words[0] === 'tc') return trafficControl(words, command);
  const mtu = /^ip (?:-\S+ )?link set (?:dev )?\S+ .*\bmtu (\S+)/.exec(command)?.[1];
  if (mtu !== undefined) return [{ kind: 'mtu', bytes: /^\d+$/.test(mtu) ? Number(mtu) : Number.NaN }];
  if (words[0] === 'ethtool' && /\b(?:tso|gso) off\b/.test(command)) return [{ kind: 'segments' }];
  const file = words.find((word) => /\.sh$/.test(word));
  const content = file === undefined || file.startsWith('/tmp/') ? undefined : readFile(file);
  if (content !== undefined && depth < MAX_FILE_DEPTH) return shellEffects(content, readFile, depth + 1);
  return WITHOUT_EFFECT.test(command) ? [] : [{ kind: 'ignored', text: command }];
}

/** `net.ipv4.tcp_sack=1`, `/proc/sys/net/ipv4/tcp_sack=1`, `net.ipv4.tcp_rmem="4096 540000 $((15*1024*1024))"`. */
function parseSetting(word: string): ShellEffect | undefined {
  const [, name, value] = SETTING.exec(word) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const plain = value
    .replace(/^["']|["']$/g, '')
    .replace(/\$\(\(([^)]*(?:\)(?!\))[^)]*)*)\)\)/g, (_, sum: string) => product(sum));
  return { kind: 'setting', name: name.replaceAll('/', '.'), value: plain };
}

/** `15*1024*1024`, perhaps in parentheses. */
function product(text: string): string {
  const factors = text
    .replace(/[()\s]/g, '')
    .split('*')
    .map(Number);
  return String(factors.reduce((total, factor) => total * factor, 1));
}

/** `tc qdisc … pfifo limit 0` lets nothing out; any other queue lets everything out. */
function trafficControl(words: readonly string[], command: string): ShellEffect[] {
  const limit = words.indexOf('limit');
  if (limit > 0) return [{ kind: 'link', up: words[limit + 1] !== '0' }];
  if (words.includes('fq')) return [{ kind: 'ignored', text: command }];
  return [{ kind: 'link', up: true }];
}
