/** The golden replays that are kept: which client does what, on which link. See record-replay.ts. */

export interface RecordedCase {
  /** A shell command; %URL% stands for the server's. */
  readonly command: string;
  /** Shell commands that make the link bad first; DEVICE stands for the interface. */
  readonly link?: readonly string[];
  /** The client is expected to end badly. */
  readonly mayFail?: boolean;
  /** How long to go on recording after the client has ended, milliseconds. */
  readonly quietMs?: number;
}

/** A few lines of Node as a client: `socket` is connected, `host` and `port` are the server's. */
function node(script: string): string {
  const program = `
    const { hostname: host, port } = new URL('%URL%/');
    const net = require('node:net');
    const get = (path, more = '') => 'GET ' + path + ' HTTP/1.1\\r\\nHost: ' + host + '\\r\\n' + more + '\\r\\n';
    const socket = net.connect({ host, port: Number(port || 80), allowHalfOpen: true });
    ${script}`;
  return `node -e ${quote(program)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const CHROMIUM = [
  'chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking',
  '--disable-component-update --disable-sync --disable-dev-shm-usage --user-data-dir="$(mktemp -d)" --dump-dom %URL%/ 2> /dev/null',
].join(' ');

/** Some of our frames and some of the client's are lost (needs Debian's `iptables`): by count, so without chance. */
const LOSS = [
  'iptables -A INPUT -i DEVICE -p tcp -m statistic --mode nth --every 23 --packet 9 -j DROP',
  'iptables -A INPUT -i DEVICE -p tcp -m statistic --mode nth --every 41 --packet 20 -j DROP',
  'iptables -A OUTPUT -o DEVICE -p tcp -m statistic --mode nth --every 17 --packet 5 -j DROP',
];

export const CASES: Readonly<Record<string, RecordedCase>> = {
  curl: { command: 'curl -sf %URL%/ %URL%/style.css %URL%/sub -o /dev/null -o /dev/null -o /dev/null' },
  wget: { command: 'wget -q -O /dev/null %URL%/large.bin' },
  chromium: { command: CHROMIUM, quietMs: 500 },
  lossy: { command: 'curl -sf %URL%/large.bin -o /dev/null', link: LOSS, quietMs: 1_500 },
  range: {
    command:
      'curl -sf -r 100-199 %URL%/large.bin -o /dev/null && curl -sf -r -50 %URL%/large.bin -o /dev/null && curl -s -r 900000- %URL%/large.bin -o /dev/null',
  },
  pipelining: {
    command: node(`
      socket.write(get('/') + get('/style.css') + get('/nothing') + get('/picture.svg') + get('/large.bin', 'Connection: close\\r\\n'));
      socket.resume(); socket.on('end', () => socket.end());`),
  },
  'half-close': {
    command: node(`
      socket.end(get('/large.bin', 'Connection: close\\r\\n'));
      socket.resume();`),
  },
  reset: {
    command: node(`
      socket.write(get('/large.bin'));
      socket.once('data', () => socket.resetAndDestroy());`),
  },
  'no-timestamps': {
    command: 'curl -sf %URL%/large.bin -o /dev/null',
    link: ['sysctl -qw net.ipv4.tcp_timestamps=0 net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0'],
  },
};
