/** Worlds that are ready to be looked at. */
import type { Preset } from '../figures/session/world-source.js';

const PAGE = '<!doctype html><title>fastpath</title><h1>Hello</h1><p>This page was answered in the receive path.</p>';
const FILES = { '/index.html': PAGE, '/style.css': 'body { font: 1rem system-ui }', '/big.bin': 400_000 };

export const PRESETS: readonly Preset[] = [
  {
    name: 'page',
    title: 'A page and its style sheet',
    tells: 'Handshake, two requests, two answers from the cache, and an orderly end.',
    options: {
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: 20_000 } },
      start: (world) => world.get('client', 'server', ['/', '/style.css']),
    },
  },
  {
    name: 'lossy',
    title: 'A lossy link',
    tells: 'Two percent of the frames are lost: duplicate acknowledgments, SACK, fast retransmissions, RACK.',
    options: {
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: 20_000, jitter: 1_000, rate: 10_000_000, loss: 0.02, reordering: 0.005 } },
      start: (world) => world.get('client', 'server', ['/', '/big.bin']),
    },
  },
  {
    name: 'bufferbloat',
    title: 'A queue that is too long',
    tells: 'A slow link with a deep queue: the window grows, and so does the round-trip time.',
    options: {
      hosts: { client: {}, server: { files: { '/big.bin': 2_000_000 } } },
      link: { both: { delay: 10_000 }, back: { rate: 4_000_000, queueBytes: 250_000 } },
      start: (world) => world.get('client', 'server', '/big.bin'),
    },
  },
  {
    name: 'zero-window',
    title: 'A program that does not read',
    tells: 'The receiver reads 20,000 bytes and pauses for four seconds: zero window, probes, an update.',
    options: {
      hosts: { sender: {}, receiver: {} },
      link: { both: { delay: 5_000 } },
      start: (world) => {
        world.transfer('sender', 'receiver', { content: 200_000, appetite: 20_000, receiveBuffer: 40_000 });
        world.at(4_000_000, (now) => now.transfers[0]?.read());
      },
    },
  },
  {
    name: 'two-senders',
    title: 'Two senders, one bottleneck',
    tells: 'Two downloads share a link of 8 Mbit/s through a switch. Each gets about a half.',
    options: {
      hosts: { first: {}, second: {}, server: { files: { '/big.bin': 1_000_000 } } },
      switches: ['switch'],
      links: [
        { ends: ['first', 'switch'], both: { delay: 5_000 } },
        { ends: ['second', 'switch'], both: { delay: 5_000 } },
        { ends: ['server', 'switch'], both: { delay: 5_000 }, forth: { rate: 8_000_000, queueBytes: 60_000 } },
      ],
      start: (world) => {
        world.get('first', 'server', '/big.bin');
        world.at(300_000, (now) => now.get('second', 'server', '/big.bin'));
      },
    },
  },
  {
    name: 'black-hole',
    title: 'A path that swallows long packets',
    tells: 'Packets of more than 1,300 bytes vanish, and nobody says so. The stack searches for a size that passes.',
    options: {
      hosts: { client: { mtu: 1500 }, server: { mtu: 1500, files: FILES } },
      link: { mtu: 1300, both: { delay: 10_000 } },
      start: (world) => world.get('client', 'server', '/big.bin'),
    },
  },
];

/** The preset of this name; the first if there is none. */
export function presetOf(name: string): Preset {
  const found = PRESETS.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  const names = PRESETS.map((preset) => preset.name).join(', ');
  throw new RangeError(`There is no world ${name}. There are ${names}.`);
}
