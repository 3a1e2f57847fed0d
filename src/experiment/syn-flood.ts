/** A flood of SYNs, with and without cookies. RFC 4987. */
import { World } from '../browser/world.js';
import type { Chart, Series } from '../drawing/chart.js';
import { arrowsOf } from '../inspect/trace/exchange.js';
import { SECOND } from '../net/clock.js';
import type { Experiment } from './experiment.js';
import { sendForgedSyn } from './flood.js';
import { chosen, QUIET } from './run.js';

/** Connections that the server remembers before their handshake is complete. */
const BACKLOG = 32;
/** Forged SYNs, and the time between two of them, microseconds. */
const SYNS = 200;
const GAP = 5_000;
/** The honest client comes this long after the first forged SYN. */
const LATER = SECOND / 2;
/** How often the server repeats a SYN-ACK before it forgets the connection. */
const RETRIES = [2, 1, 3, 4, 0] as const;
const SECONDS = 40;

/** What a flood did. */
interface Flood {
  /** Connections in SYN-RECEIVED at the server, over seconds since the flood began. */
  readonly halfOpen: Series['points'];
  /** SYNs that the honest client sent, and how long it waited for its page, seconds. */
  readonly syns: number;
  readonly wait: number;
  readonly cookies: number;
}

function flood(synCookies: 'off' | 'always', seed: number): Flood {
  const tcp = { backlog: BACKLOG, synAckRetries: chosen(seed, RETRIES), synCookies };
  const world = new World({
    seed,
    hosts: { server: { files: { '/': 'hello' }, tcp }, client: {}, attacker: {} },
    link: { both: { delay: 5_000 } },
    start: (world) => {
      for (let i = 0; i < SYNS; i++)
        world.at(QUIET + i * GAP, (now) => sendForgedSyn(now.host('attacker'), now.host('server'), i));
      world.at(QUIET + LATER, (now) => void now.get('client', 'server', '/'));
    },
  });
  world.runTo(QUIET + SECONDS * SECOND);
  const arrows = arrowsOf(world.history.events);
  return {
    halfOpen: halfOpenOf(world),
    syns: arrows.filter(({ from, text }) => from === 'client' && text.startsWith('[S]')).length,
    wait: ((world.fetches[0]?.answers[0]?.doneAt ?? Number.NaN) - QUIET - LATER) / SECOND,
    cookies: world.host('server').stack.statistics.tcp.cookiesSent,
  };
}

function halfOpenOf({ history }: World): Series['points'] {
  const open = new Set<number>();
  const points: [number, number][] = [[0, 0]];
  for (const event of history.events) {
    if ((event.kind !== 'tcb' && event.kind !== 'gone') || event.host !== 'server') continue;
    const isOpen = event.kind === 'tcb' && event.view.info.state === 'SYN-RECEIVED';
    if (isOpen) open.add(event.connection);
    else open.delete(event.connection);
    points.push([(event.time - QUIET) / SECOND, open.size]);
  }
  return points;
}

function chartOf(title: string, { halfOpen }: Flood): Chart {
  const series = [{ name: 'half-open connections', color: 'b', points: halfOpen, shade: true }] as const;
  return { title, xLabel: 'seconds', yLabel: 'count', xRange: [0, SECONDS], yRange: [0, BACKLOG * 1.2], series };
}

export const synFlood: Experiment = {
  name: 'syn-flood',
  title: 'A SYN flood: a server with and without cookies',
  explanation: [
    'A server remembers each connection from its SYN on. An attacker sends many SYNs from addresses that nobody has. ' +
      'No one completes these handshakes. The server keeps them until it has repeated its SYN-ACKs often enough. When ' +
      'its list is full, it drops the SYNs of honest clients, too.',
    'With SYN cookies it remembers nothing. It puts what it must know into the sequence number of its SYN-ACK, with a ' +
      'secret signature. An honest client sends the number back in its ACK. An attacker with a false address never ' +
      'sees it. Here an honest client asks for a page in the middle of the flood. This server gives a cookie for every ' +
      'SYN; `fastpath serve` does so only while its list is full.',
  ],
  run(seed) {
    const [without, cookies] = [flood('off', seed), flood('always', seed)];
    return {
      picture: {
        kind: 'charts',
        charts: [chartOf('Without cookies', without), chartOf('With a cookie for every SYN', cookies)],
      },
      findings: [
        `The attacker sends ${SYNS} SYNs in ${(SYNS * GAP) / SECOND} s. The server has room for ${BACKLOG}.`,
        `With cookies the client has its page after ${cookies.wait.toFixed(2)} s. The server sent ` +
          `${cookies.cookies} cookies, and kept nothing for them.`,
        `Without cookies the client waits ${without.wait.toFixed(2)} s. It sends its SYN again after 1 s, then after ` +
          '2 s more, then 4 s, and so on.',
      ],
      question: {
        text: 'How many SYNs does the client send to the server without cookies, the first one included?',
        unit: 'SYNs',
        answer: without.syns,
        hint: 'The waits are 1 s, 2 s, 4 s and so on. How many of them fit into the time that the client waited?',
        because:
          'Each SYN finds a full list, until the server has forgotten forged connections. ' +
          `With cookies ${cookies.syns === 1 ? 'the first SYN' : `SYN ${cookies.syns}`} gets an answer.`,
      },
    };
  },
};
