/**
 * The DNS server on a stack in memory, under virtual time: queries go in as datagrams, and answers come out as
 * bytes.
 */
import { z } from 'zod';
import { type LoadedZone, loadZone } from '../../../src/dns/load.js';
import type { DnsMessage } from '../../../src/dns/messages.js';
import { dnsModule } from '../../../src/dns/module.js';
import { type DnsOptions, dnsSchema } from '../../../src/dns/options.js';
import type { DnsStatistics } from '../../../src/dns/server/statistics.js';
import { newCounters } from '../../../src/module/counters.js';
import type { Module, ModuleDefinition, ModuleWorker } from '../../../src/module/module.js';
import { SeededRandom } from '../../../src/net/random.js';
import type { DatagramHandler } from '../../../src/net/udp/handler.js';
import { DerivedWallClock } from '../../../src/net/wall-clock.js';
import { GATEWAY } from '../internet-world.js';
import { joinFragments, readDatagram, UdpWorld } from '../udp-world.js';

/** No limits, and the cookie secret of RFC 9018 appendix A.1. */
export const OPEN: Partial<DnsOptions> = {
  rateLimit: { responses: 0, slip: 2, excess: 0 },
  cookieSecret: 'e5e973e5a6b2a43f48e7dc849e37bfcf',
  zones: [{ zone: 'example.org', file: 'none', transfer: [], notify: [] }],
};

/** Reads a zone from text. */
export function zoneOf(text: string, zone = 'example.org'): LoadedZone {
  return loadZone({ zone, file: `${zone}.zone`, text });
}

export class DnsWorld {
  readonly udp: UdpWorld;
  readonly module: Module<DnsMessage>;
  readonly statistics: DnsStatistics;
  readonly posted: unknown[] = [];
  readonly warnings: string[] = [];

  constructor(zones: readonly LoadedZone[], given: Partial<DnsOptions> = {}) {
    this.udp = new UdpWorld();
    this.udp.world.introduce(GATEWAY);
    const { clock } = this.udp.world;
    const stack = { udp: this.udp.udp } as unknown as ModuleWorker['stack'];
    this.statistics = newCounters(dnsModule as unknown as ModuleDefinition) as DnsStatistics;
    const worker = {
      counters: this.statistics,
      index: 0,
      stack,
      clock,
      wallClock: new DerivedWallClock(clock, 1_559_731_985_000),
      random: new SeededRandom(7),
      post: (message: unknown) => void this.posted.push(message),
      warn: (text: string) => void this.warnings.push(text),
    } as unknown as ModuleWorker;
    const options = dnsSchema(z).parse({ ...OPEN, ...given });
    this.module = dnsModule.create(worker, options);
    for (const { image } of zones) this.module.received?.({ kind: 'zone', image });
    this.udp.udp.bind(53, this.module.datagrams as DatagramHandler);
  }

  /** The answer to a query; undefined: there was none. */
  ask(query: Uint8Array, source?: string): Buffer | undefined {
    const frames = this.udp.arrives(53, query, source === undefined ? {} : { source });
    const [frame] = frames;
    if (frame === undefined) return undefined;
    const datagram = frames.length === 1 ? readDatagram(frame) : readDatagram(frame, joinFragments(frames));
    if (!datagram.sumIsGood) throw new Error('the checksum of the answer is wrong');
    return Buffer.from(datagram.data);
  }
}
