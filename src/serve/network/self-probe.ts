/**
 * After the start: can this machine reach what it has just put on its own interface? The question is asked layer by
 * layer from the host's side, with the kernel's own network stack as the client, so that a failure names its layer:
 *
 *     route   does the kernel send packets for our address to our interface?   (a VPN or a policy route may not)
 *     ARP     does our Ethernet address answer?
 *     TCP     does a connection open?                                          (a firewall may be in the way)
 *     HTTP    does a GET get an answer that is no error of the server's (5xx)?
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IpAddress } from '../../net/wire/address.js';
import { isLinkLocal } from './arithmetic.js';

/** How deep a step of the self-probe looks. @see {@link ProbeStep} */
export type ProbeLayer = 'route' | 'ARP' | 'TCP' | 'HTTP';

/**
 * One step of the self-probe and what came of it.
 *
 * @example
 * ```ts
 * import type { FolderServer } from 'fastpath';
 *
 * export async function check(server: FolderServer): Promise<void> {
 *   for (const { layer, address, passed, advice } of await server.probe()) {
 *     console.log(`${layer} ${address}: ${passed ? 'works' : advice}`);
 *   }
 * }
 * ```
 */
export interface ProbeStep {
  readonly layer: ProbeLayer;
  /** The address of ours that was tried. */
  readonly address: string;
  readonly passed: boolean;
  /** What was seen. */
  readonly detail: string;
  /** What to do, if it failed. */
  readonly advice?: string;
  readonly milliseconds: number;
}

export interface ProbeTarget {
  readonly interfaceName: string;
  /** The machine's end of the link. */
  readonly host: IpAddress;
  readonly address: IpAddress;
  readonly port: number;
  /** For the Host field, if the server does not answer for its address. */
  readonly name?: string | undefined;
  /** Ends the question at once, with the step that it is at. The sockets would keep the process alive else. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * On a link between two ends of one machine, only duplicate address detection takes this long. An IPv6 address stays
 * silent for up to two seconds while the stack asks whether another host has it (RFC 4862 section 5.4).
 */
const STEP_TIMEOUT_MS = 4_000;
const ARP_POLL_MS = 20;
const DISCARD_PORT = 9;

/** The result of a step: the detail of a success, or the failure and its remedy. */
type Finding = string | { readonly failure: string; readonly advice: string };

/** Probes layer by layer and ends with the first that fails. */
export async function probe(target: ProbeTarget): Promise<ProbeStep[]> {
  const steps: ProbeStep[] = [];
  const address = String(target.address);
  for (const [layer, look] of layersOf(target)) {
    const begin = performance.now();
    const finding = await look(target);
    const milliseconds = performance.now() - begin;
    const passed = typeof finding === 'string';
    steps.push(
      passed
        ? { layer, address, passed, detail: finding, milliseconds }
        : { layer, address, passed, detail: finding.failure, advice: finding.advice, milliseconds },
    );
    if (!passed) break;
  }
  return steps;
}

function layersOf(target: ProbeTarget): [ProbeLayer, (target: ProbeTarget) => Promise<Finding>][] {
  const arp: [ProbeLayer, typeof probeArp][] = target.address.isV4 ? [['ARP', probeArp]] : [];
  return [['route', probeRoute], ...arp, ['TCP', probeTcp], ['HTTP', probeHttp]];
}

/** A link-local address means something on one link only: RFC 4007 section 11. */
function withZone(address: IpAddress, interfaceName: string): string {
  return isLinkLocal(address) ? `${address}%${interfaceName}` : String(address);
}

/** A connected datagram socket has the source address that the kernel's routing chose; nothing is sent for that. */
async function probeRoute({ address, host, interfaceName }: ProbeTarget): Promise<Finding> {
  const advice =
    `Look at "ip route get ${address}": a VPN or a policy rule may claim that network. ` +
    'Choose another: --host 10.99.0.1/24';
  const socket = createSocket(address.isV4 ? 'udp4' : 'udp6');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(DISCARD_PORT, withZone(address, interfaceName), resolve);
    });
    const source = socket.address().address;
    // With a zone there is no choice of the way, and any link-local address of the interface may be the source.
    if (source === String(host) || isLinkLocal(address))
      return `packets for ${address} leave from ${source} (${interfaceName})`;
    return { failure: `the kernel sends packets for ${address} from ${source}, not through ${interfaceName}`, advice };
  } catch (error) {
    return { failure: `the kernel has no route to ${address} (${(error as Error).message})`, advice };
  } finally {
    socket.close();
  }
}

/** Makes the kernel ask by sending it a datagram to deliver, then watches its table of neighbours. */
async function probeArp({ address, interfaceName, signal }: ProbeTarget): Promise<Finding> {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.send('', DISCARD_PORT, String(address));
  try {
    for (let waited = 0; waited < STEP_TIMEOUT_MS && signal?.aborted !== true; waited += ARP_POLL_MS) {
      const mac = neighborMac(readFileSync('/proc/net/arp', 'utf8'), String(address), interfaceName);
      if (mac !== undefined) return `${address} is at ${mac}`;
      await sleep(ARP_POLL_MS);
    }
  } finally {
    socket.close();
  }
  return {
    failure: `no host on ${interfaceName} answers ARP requests for ${address}`,
    advice:
      `Is ${interfaceName} up? Is the machine busy? "ip neigh show dev ${interfaceName}" shows what it has learned; ` +
      'rules of arptables or nftables may drop ARP; --pcap records what came.',
  };
}

/** The Ethernet address of a complete entry (flag 2) in the text of /proc/net/arp. */
export function neighborMac(table: string, address: string, interfaceName: string): string | undefined {
  for (const line of table.split('\n').slice(1)) {
    const [ip, , flags, mac, , device] = line.split(/\s+/);
    if (ip === address && device === interfaceName && (Number(flags) & 2) !== 0) return mac;
  }
  return undefined;
}

function probeTcp({ address, port, interfaceName, signal }: ProbeTarget): Promise<Finding> {
  return new Promise((resolve) => {
    const host = withZone(address, interfaceName);
    const socket = connect({ host, port, timeout: STEP_TIMEOUT_MS, ...(signal && { signal }) });
    const end = (finding: Finding) => {
      socket.destroy();
      resolve(finding);
    };
    const advice =
      `Look at the firewall's rules for ${interfaceName} ("nft list ruleset", "iptables -S"); ` +
      '--pcap records what came.';
    socket.once('connect', () => end(`port ${port} accepts connections`));
    socket.once('timeout', () => end({ failure: `no answer to the SYN for port ${port}`, advice }));
    socket.once('error', (error) => end({ failure: `no connection to port ${port}: ${error.message}`, advice }));
  });
}

function probeHttp({ address, port, interfaceName, name, signal }: ProbeTarget): Promise<Finding> {
  return new Promise((resolve) => {
    const host = name ?? (address.isV4 ? String(address) : `[${address}]`);
    const advice = 'This is a defect of fastpath; please report it with a capture: --pcap report.pcapng';
    const target = { host: withZone(address, interfaceName), port, path: '/', headers: { host } };
    // The time-out of the options counts from the SYN, and that of `setTimeout` from the connection.
    const terms = { agent: false, timeout: STEP_TIMEOUT_MS, ...(signal && { signal }) };
    const request = get({ ...target, ...terms }, (response) => {
      response.resume();
      response.once('end', () => resolve(judgeAnswer(response.statusCode ?? 0, response.statusMessage ?? '')));
      response.once('error', (error) =>
        resolve({ failure: `the answer to GET / broke off: ${error.message}`, advice }),
      );
    });
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', (error) => resolve({ failure: `GET / failed: ${error.message}`, advice }));
  });
}

/** 404 may be meant: a folder need not have a start page. What is wrong with a 5xx is the server's. */
function judgeAnswer(status: number, reason: string): Finding {
  const answer = `GET / is answered: ${status} ${reason}`;
  if (status < 500) return answer;
  const advice = 'The server runs and cannot send its start page: see its warnings; the cache may be too small.';
  return { failure: answer, advice };
}
