/** The figures of chapter 11. */
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import type { TcpSettings } from '../../../src/net/tcp/settings.js';
import { bytes, type Control, choice, delay, figure, onOff } from './lib/figure.js';
import { QUIET, send } from './lib/programs.js';

/** The controls by their numbers in a choice. */
const NEW_RENO = 0;
const CUBIC = 1;
const MEGABIT = 1_000_000;

/** Which rule the sender's window follows. */
function rule(value: number, label = 'Control'): Control {
  return choice(label, value, [
    [NEW_RENO, 'NewReno'],
    [CUBIC, 'CUBIC'],
  ]);
}

/** The settings of a host that follows it. */
function following(rule: number): { tcp: Partial<TcpSettings> } {
  return { tcp: { congestionControl: rule === CUBIC ? 'cubic' : 'newreno' } };
}

/** Kilobytes that may wait in front of the slow link. */
function queue(value: number): Control {
  return { label: 'Queue', unit: 'kB', value, min: 5, max: 200, step: 5 };
}

export const figures = {
  start: figure({
    title: 'The window doubles',
    tells: 'Slow start on a link of 5 Mbit/s. The queue in front of it overflows, and the sender learns of it later.',
    controls: { rule: rule(NEW_RENO), queue: queue(80), delay: delay(40) },
    views: ['curves', 'sequence', 'ladder'],
    side: 'client',
    world: ({ rule, queue, delay }) => ({
      hosts: { client: following(rule), server: {} },
      link: { both: { delay: delay * MILLISECOND }, forth: { rate: 5 * MEGABIT, queueBytes: queue * 1000 } },
      start: send(500_000),
    }),
  }),
  teeth: figure({
    title: 'The teeth of a saw',
    tells: 'One segment more in each round trip, until the queue of the link is full. Then half of the window is left.',
    controls: { rule: rule(NEW_RENO), queue: queue(20), delay: delay(20) },
    views: ['curves', 'sequence'],
    side: 'client',
    world: ({ rule, queue, delay }) => ({
      hosts: { client: following(rule), server: {} },
      link: { both: { delay: delay * MILLISECOND }, forth: { rate: 4 * MEGABIT, queueBytes: queue * 1000 } },
      start: send(1_500_000),
    }),
  }),
  cubic: figure({
    title: 'A long way, and one loss',
    tells: 'The thirtieth segment is lost. The window comes back by a curve of the time: fast, slow, and fast again.',
    controls: { rule: rule(CUBIC), delay: delay(150, 300) },
    views: ['curves', 'sequence'],
    side: 'client',
    world: ({ rule, delay }) => ({
      hosts: { client: following(rule), server: {} },
      link: { both: { delay: delay * MILLISECOND }, forth: { loseData: [30] } },
      start: send(1_200_000),
    }),
  }),
  mark: figure({
    title: 'A mark in place of a loss',
    tells: 'The queue marks packets when more than 7 kB wait. The receiver tells the sender, and nothing is lost.',
    controls: {
      ecn: onOff('ECN'),
      bytes: bytes('Sent', 40_000, 10_000, 1_000_000),
    },
    views: ['ladder', 'curves', 'sequence'],
    side: 'client',
    pictureFrames: 55,
    capture: true,
    world: ({ ecn, bytes }) => ({
      hosts: { client: { tcp: { ecn: ecn === 1 ? 'request' : 'off', initialWindowSegments: 6 } }, server: {} },
      link: {
        both: { delay: 20 * MILLISECOND },
        forth: { rate: 4 * MEGABIT, queueBytes: 30_000, markBytes: 7_000 },
      },
      start: send(bytes),
    }),
  }),
  fair: figure({
    title: 'Two senders, one link',
    tells: 'The second sender begins two seconds later. Each loss takes more from the larger window.',
    controls: {
      first: rule(NEW_RENO, 'First'),
      second: rule(NEW_RENO, 'Second'),
      delay: delay(10, 100),
    },
    views: ['curves', 'sequence'],
    side: 'client',
    world: ({ first, second, delay }) => ({
      hosts: { first: following(first), second: following(second), receiver: {} },
      switches: ['switch'],
      links: [
        { ends: ['first', 'switch'], both: { delay: 10 * MILLISECOND } },
        { ends: ['second', 'switch'], both: { delay: delay * MILLISECOND } },
        {
          ends: ['switch', 'receiver'],
          both: { delay: 10 * MILLISECOND },
          forth: { rate: 2 * MEGABIT, queueBytes: 30_000 },
        },
      ],
      start: (world) => {
        world.at(QUIET, (now) => void now.transfer('first', 'receiver', { content: 1_200_000 }));
        world.at(QUIET + 2 * SECOND, (now) => void now.transfer('second', 'receiver', { content: 700_000, port: 10 }));
      },
    }),
  }),
};
