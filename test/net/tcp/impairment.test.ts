/**
 * The impairment matrix: megabytes over links that lose, double, damage, delay and reorder, with every MTU, offload and
 * window, in virtual time. What fails is repeated exactly by its seed: `SEED=12 npx mocha
 * dist/test/net/tcp/impairment.test.js`.
 */
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import type { ImpairmentOptions } from '../../../src/net/device/impairment.js';
import { type TransferOptions, transfer } from '../../support/transfer.js';

const MIB = 1024 * 1024;
const SEED = process.env.SEED === undefined ? undefined : Number(process.env.SEED);

/** One cell: a test whose failure names its seed. */
function cell(name: string, seed: number, options: TransferOptions): void {
  it(name, () => {
    const used = SEED ?? seed;
    try {
      transfer({ ...options, seed: used });
    } catch (cause) {
      throw new Error(`${name}, SEED=${used}: ${(cause as Error).message}`, { cause });
    }
  });
}

const impaired = (impairment: ImpairmentOptions, more = {}) => ({ link: { impairment, ...more } });

describe('tcp: impairment matrix', () => {
  const DELAYS = [0, 1, 20, 200];

  for (const loss of [0, 0.001, 0.01, 0.03, 0.1]) {
    for (const delay of DELAYS) {
      const bytes = loss === 0 ? 4 * MIB : loss < 0.05 ? MIB : MIB / 4;
      cell(`${100 * loss} % loss, ${delay} ms: ${bytes / MIB} MiB`, 1000 * loss + delay, {
        bytes,
        ...impaired({ loss, delay: delay * MILLISECOND }),
      });
    }
  }

  for (const [name, impairment] of [
    ['duplication', { duplication: 0.1 }],
    ['every frame twice', { duplication: 1 }],
    ['reordering by 1 ms', { reordering: 0.1, delay: 5 * MILLISECOND }],
    [
      'reordering by more than a round trip',
      { reordering: 0.02, reorderDelay: 100 * MILLISECOND, delay: 10 * MILLISECOND },
    ],
    ['half of all reordered', { reordering: 0.5, reorderDelay: 3 * MILLISECOND, delay: 10 * MILLISECOND }],
    ['corruption', { corruption: 0.03, delay: MILLISECOND }],
    ['jitter', { jitter: 15 * MILLISECOND, delay: 20 * MILLISECOND }],
    [
      'all at once',
      {
        loss: 0.02,
        duplication: 0.02,
        corruption: 0.02,
        reordering: 0.1,
        delay: 10 * MILLISECOND,
        jitter: 5 * MILLISECOND,
      },
    ],
  ] as const) {
    cell(`${name}: 1 MiB`, 1, { bytes: MIB, ...impaired(impairment) });
  }

  for (const [name, rate, queueBytes] of [
    ['10 Mbit/s, a queue of 64 KiB', 10e6, 65_536],
    ['1 Mbit/s, a queue of five frames', 1e6, 7500],
    ['56 kbit/s, a queue of 16 KiB', 56e3, 16_384],
    ['100 Mbit/s, a queue of a second', 100e6, 12_500_000],
  ] as const) {
    const bytes = rate < 1e6 ? MIB / 8 : 2 * MIB;
    cell(`${name}: ${bytes / MIB} MiB`, 2, { bytes, ...impaired({ rate, queueBytes, delay: 20 * MILLISECOND }) });
  }

  for (const mtu of [576, 1280, 1500, 4000, 9000]) {
    for (const offload of ['none', 'whole', 'cut'] as const) {
      cell(`MTU ${mtu}, offload ${offload}: 4 MiB without impairment`, 3, { bytes: 4 * MIB, link: { mtu, offload } });
      cell(`MTU ${mtu}, offload ${offload}: 1 MiB with 2 % loss`, 4, {
        bytes: MIB,
        ...impaired({ loss: 0.02, reordering: 0.02, delay: 10 * MILLISECOND }, { mtu, offload }),
      });
    }
  }

  for (const mtu of [1280, 1500, 9000]) {
    for (const offload of ['none', 'whole', 'cut'] as const) {
      cell(`IPv6, MTU ${mtu}, offload ${offload}: 1 MiB with 1 % loss`, 12, {
        bytes: MIB,
        ipv6: true,
        ...impaired({ loss: 0.01, duplication: 0.01, reordering: 0.02, delay: 10 * MILLISECOND }, { mtu, offload }),
      });
    }
  }

  for (const receiveBufferBytes of [256, 1000, 2920, 10_000, 65_535, 4 * MIB]) {
    const bytes = Math.min(MIB, 200 * receiveBufferBytes);
    cell(`a receive buffer of ${receiveBufferBytes}, 1 % loss`, 5, {
      bytes,
      tcp: { receiveBufferBytes },
      ...impaired({ loss: 0.01, delay: 5 * MILLISECOND }),
    });
  }

  for (const [name, reader, receiveBufferBytes, bytes] of [
    ['a reader that lags behind', { bytes: 20_000, every: 10 * MILLISECOND }, 65_536, 2 * MIB],
    ['a reader of 100 bytes at a time', { bytes: 100, every: MILLISECOND }, 4096, 100_000],
    ['a reader that sleeps for a minute', { bytes: 30_000, every: 60 * SECOND }, 16_384, 300_000],
  ] as const) {
    for (const loss of [0, 0.05]) {
      cell(`${name}, ${100 * loss} % loss: zero windows`, 6, {
        bytes,
        reader,
        tcp: { receiveBufferBytes },
        ...impaired({ loss, delay: 2 * MILLISECOND }),
      });
    }
  }

  for (const congestionControl of ['cubic', 'newreno'] as const) {
    for (const [name, tcp] of [
      ['all options', {}],
      ['no SACK', { sack: false }],
      ['no timestamps', { timestamps: false }],
      ['no window scaling', { windowScaling: false }],
      ['no options', { sack: false, timestamps: false, windowScaling: false }],
      ['no F-RTO, no probe', { forwardRto: false, tailLossProbe: false }],
      ['ECN', { ecn: 'request' as const }],
      ['no delayed ACKs', { quickAcks: 1_000_000 }],
    ] as const) {
      cell(`${congestionControl}, ${name}: 1 MiB with 3 % loss, duplication and reordering, both ways`, 7, {
        bytes: MIB,
        bothWays: true,
        tcp: { congestionControl, ...tcp },
        ...impaired({ loss: 0.03, duplication: 0.02, reordering: 0.05, delay: 15 * MILLISECOND }),
      });
    }
  }

  for (const pieceBytes of [3, 100, 1460, 20_000]) {
    cell(`written in pieces of up to ${pieceBytes}, 2 % loss`, 8, {
      bytes: Math.min(MIB, 3000 * pieceBytes),
      pieceBytes,
      ...impaired({ loss: 0.02, reordering: 0.02, delay: 5 * MILLISECOND }),
    });
    cell(`written in pieces of up to ${pieceBytes}, offload, 2 % loss`, 9, {
      bytes: Math.min(MIB, 3000 * pieceBytes),
      pieceBytes,
      ...impaired({ loss: 0.02, reordering: 0.02, delay: 5 * MILLISECOND }, { offload: 'whole' }),
    });
  }

  cell('one way is fine, the other loses every fifth frame', 10, {
    bytes: MIB,
    link: { forth: { loss: 0.2, delay: 10 * MILLISECOND }, back: { delay: 10 * MILLISECOND } },
  });
  cell('a link that is gone for ten seconds now and then', 11, {
    bytes: MIB,
    link: { impairment: { delay: 10 * MILLISECOND, ...outages() } },
  });
});

/** Loses everything for as many frames as an outage lasts: about each 300th frame begins one of 30. */
function outages(): ImpairmentOptions {
  let frames = 0;
  return { lose: () => frames++ % 300 > 270 };
}
