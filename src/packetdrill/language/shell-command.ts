/**
 * Reads the shell lines of a script, and never runs them. A `sysctl` is a setting, `tc … limit 0` closes the link, and
 * `ip link set … mtu` changes its MTU. A line that names a file of settings is read from that file.
 */

/** What a shell line asks for. */
export type ShellEffect =
  | { readonly kind: 'setting'; readonly name: string; readonly value: string }
  /** Nothing leaves the device (`up` is false), or everything does again. */
  | { readonly kind: 'link'; readonly up: boolean }
  /** The link takes packets of so many bytes. */
  | { readonly kind: 'mtu'; readonly bytes: number }
  /** The device has no offload: a packet longer than a segment must come in pieces. */
  | { readonly kind: 'segments' }
  /** The line looks for something in the output of a command: a check that is not made, since nothing is run. */
  | { readonly kind: 'check'; readonly text: string }
  /** The line has no meaning here. */
  | { readonly kind: 'ignored'; readonly text: string };

/** Reads a file named in a script; `undefined` if there is none. */
export type ReadScriptFile = (name: string) => string | undefined;

const SETTING = /^(?:\/proc\/sys\/)?((?:net|kern)[./][\w./]+)=(.*)$/;
/** What a script wants to find in the output of a command, or in a file. */
const CHECK = /^grep\b|\|\s*grep\b/;
/** Commands whose effect cannot be seen from outside the machine. */
const WITHOUT_EFFECT = /^(?:true|nstat\b|ss\b|sleep\b|echo\b|ip tcp_metrics|ethtool\b|kldload\b|\/tmp\/sysctl_restore)/;

/** How far files of settings that name another are followed: one may name itself. */
const MAX_FILE_DEPTH = 5;

/** Reads what a shell line of a script (or a whole file) asks for. */
export function shellEffects(text: string, readFile: ReadScriptFile, depth = 0): ShellEffect[] {
  const effects: ShellEffect[] = [];
  for (const command of commands(text)) effects.push(...commandEffects(command, readFile, depth));
  return effects;
}

/** Cuts the text into commands, at newlines, `;`, `&&` and `||`; joins continued lines and drops comments. */
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
  if (CHECK.test(command)) return [{ kind: 'check', text: command }];
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

/** Works out `15*1024*1024`, perhaps in parentheses. */
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
