/** Who closes first remembers the connection. RFC 9293 section 3.6.1, RFC 1337. */
import type { World } from '../browser/world.js';
import type { Experiment } from './experiment.js';
import { chosen, firstThat, framesPicture, QUIET, ran } from './run.js';

const SIDES = ['server', 'client'] as const;
type Side = (typeof SIDES)[number];
const CHOICES = ['the client', 'the server', 'both of them'];

/** A short connection that `closer` closes first. `lost`: the frame of that side that is lost, from 1. */
function connection(closer: Side, seed: number, lost?: number): World {
  const lose = lost === undefined ? {} : { loseFrames: [lost] };
  return ran({
    seed,
    hosts: { client: {}, server: { files: { '/': 'hello' } } },
    link: { both: { delay: 20_000 }, ...(closer === 'client' ? { forth: lose } : { back: lose }) },
    start: (world) =>
      world.at(QUIET, (now) => {
        const options = closer === 'client' ? {} : { close: false, fields: ['Connection: close'] };
        now.get('client', 'server', '/', options);
      }),
  });
}

export const timeWait: Experiment = {
  name: 'time-wait',
  title: 'TIME-WAIT: why one side remembers a connection that is over',
  explanation: [
    'Each side ends its direction of a connection with a FIN, and the other side acknowledges it. The side that closes ' +
      'first also sends the last ACK. Nobody acknowledges that ACK.',
    'If the last ACK is lost, the other side sends its FIN again. Somebody must still be there to answer it. So one ' +
      'side keeps the connection for a while in the state TIME-WAIT. Here the last ACK is lost.',
  ],
  run(seed) {
    const closer = chosen(seed, SIDES);
    // The last frame of the side that closes first is the last ACK: a first run says which number it has.
    const last = connection(closer, seed).history.frames.filter(({ from }) => from === closer).length;
    const world = connection(closer, seed, last);
    const waits = world.history.events.filter((event) => event.kind === 'gone' && event.state === 'TIME-WAIT');
    const wait = firstThat(waits, () => true, 'TIME-WAIT');
    const host = wait.kind === 'gone' ? wait.host : '';
    const sides = new Set(waits.map((event) => (event.kind === 'gone' ? event.host : '')));
    const end = world.host(host).stack.tcp.host.timeWaits.next();
    return {
      picture: framesPicture('TIME-WAIT', world),
      findings: [
        `The ${closer} closes first. Its last ACK is lost, so the other side sends its FIN again.`,
        `TIME-WAIT ends ${((end - wait.time) / 1e6).toFixed(1)} s after it began: the second FIN made its clock start again.`,
      ],
      question: {
        text: 'Who keeps the connection in TIME-WAIT?',
        choices: CHOICES,
        answer: sides.size === 2 ? 3 : host === 'client' ? 1 : 2,
        hint: 'Look at the end: who sends the last ACK, and sends it again when the FIN comes again?',
        because:
          `The ${host} does: it has sent the last ACK, and answers the second FIN with another one. A server that ` +
          'closes first has this burden for each of its clients. So most protocols let the client close first.',
      },
    };
  },
};
