/** The circumstances of one run of the oracle, by chance: the link, the settings, the listeners. */
import type { Offload } from '../../src/net/device/device.js';
import type { InternetOptions } from '../../src/net/ip/context.js';
import type { ListenOptions } from '../../src/net/tcp/listener.js';
import type { TcpSettings } from '../../src/net/tcp/settings.js';
import { IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { Choices } from './choices.js';

export interface Setup {
  readonly seed: number;
  readonly mtu: number;
  readonly offload: Offload;
  /** Each so-manieth frame is not taken by the device. */
  readonly failEvery: number;
  readonly addresses: readonly IpNetwork[];
  readonly gateway: IpAddress;
  readonly internet: InternetOptions;
  readonly tcp: Partial<TcpSettings>;
  readonly listeners: readonly ListenOptions[];
}

export const STACK_ADDRESSES = ['10.0.0.2', 'fd00::2'].map((text) => IpAddress.parse(text));

const OFFLOADS: readonly Offload[] = [
  { checksum: false, superSegmentBytes: 0 },
  { checksum: true, superSegmentBytes: 0 },
  { checksum: true, superSegmentBytes: 65_455 },
  { checksum: true, superSegmentBytes: 262_144 },
  { checksum: false, superSegmentBytes: 20_000 },
];

/** Settings that change the way of a segment. A run has each with some chance. */
const UNUSUAL: readonly Partial<TcpSettings>[] = [
  { congestionControl: 'newreno' },
  { timestamps: false },
  { sack: false },
  { windowScaling: false },
  { requireTimestamps: true },
  { nagle: false },
  { ecn: 'request' },
  { ecn: 'accurate' },
  { quickAcks: 0 },
  { quickAcks: 1000 },
  { initialReceiveBufferBytes: 4096 },
  { receiveBufferBytes: 8192, initialReceiveBufferBytes: 2048 },
  { maximumBufferedBytes: 65_536 },
  { slowStartAfterIdle: false },
  { tailLossProbe: false },
  { forwardRto: false },
  { initialWindowSegments: 2 },
  { initialWindowSegments: 100 },
  { userTimeout: 2_000_000 },
  { keepAlive: true, keepAliveIdle: 3_000_000, keepAliveInterval: 1_000_000, keepAliveProbes: 2 },
  { dscp: 10 },
  { finWait2: 1_000_000, timeWait: 2_000_000 },
];

/** What chance makes of `seed`. */
export function makeSetup(seed: number): Setup {
  const choices = new Choices(seed);
  const tcp: Partial<TcpSettings> = {};
  for (const settings of UNUSUAL) if (choices.oneIn(8)) Object.assign(tcp, settings);
  const mtu = choices.of([1500, 1500, 1500, 9000, 576]);
  return {
    seed,
    mtu,
    offload: choices.of(OFFLOADS),
    failEvery: choices.of([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 500, 37]),
    // IPv6 wants an MTU of 1280 at least.
    addresses: STACK_ADDRESSES.filter(({ isV4 }) => isV4 || mtu >= 1280).map((address) =>
      IpNetwork.parse(`${address}/${address.isV4 ? 24 : 64}`),
    ),
    gateway: IpAddress.parse('10.0.0.1'),
    internet: {
      learnFromTraffic: !choices.oneIn(6),
      hopLimit: choices.of([64, 64, 255]),
      ...(choices.oneIn(20) && { vlan: 5 }),
    },
    tcp,
    listeners: [
      { noDelay: true },
      { noDelay: choices.oneIn(2), trafficClass: choices.of([0, 16]), timeToLive: choices.of([0, 33]) },
      { minimumTimeToLive: choices.of([0, 64]), receiveBuffer: 20_000, maxSegment: 700 },
    ],
  };
}
