/** The figures of chapter 14. */
import { bytes, type Control, choice, delay, figure } from './lib/figure.js';
import { QUIET } from './lib/programs.js';

const FILES = {
  '/index.html': '<!doctype html><title>Hello</title><link rel=stylesheet href=/style.css><h1>Hello</h1>',
  '/style.css': 'h1 { font-family: serif }',
  '/book.txt': 10_000,
};
/** The entity-tag of /book.txt. */
const TAG = '"5531229f3e7d50bf"';
/** What the client of the third figure says about /book.txt. */
const CONDITIONS: readonly (readonly string[])[] = [
  [],
  [`If-None-Match: ${TAG}`],
  ['If-None-Match: "older"'],
  [`Range: bytes=8000-`, `If-Range: ${TAG}`],
  [`Range: bytes=8000-`, 'If-Range: "older"'],
  ['Range: bytes=20000-'],
];
/** What hides behind the empty line of the fourth figure: the end of a chunked body, and a second request. */
const HIDDEN = ['', '0', '', 'GET /style.css HTTP/1.1', 'Host: server'];
const FRAMINGS: readonly (readonly string[])[] = [
  ['Content-Length: 46', 'Transfer-Encoding: chunked', ...HIDDEN],
  ['Content-Length: 46', ...HIDDEN],
  ['Transfer-Encoding: chunked', ...HIDDEN],
  ['Content-Length: 46', 'Content-Length: 5', ...HIDDEN],
  ['Transfer-Encoding : chunked', ...HIDDEN],
];

function choices(label: string, labels: readonly string[]): Control {
  return choice(
    label,
    1,
    labels.map((text, i) => [i + 1, text] as const),
  );
}

export const figures = {
  page: figure({
    title: 'A page and its style sheet over one connection',
    tells: 'Three requests follow each other on one connection. For the third path there is no file.',
    controls: { delay: delay(20), cookie: bytes('Cookie', 0, 0, 20_000) },
    views: ['ladder', 'exchange'],
    capture: true,
    pictureFrames: 20,
    world: ({ delay, cookie }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: delay * 1000 } },
      start: (world) =>
        world.at(QUIET, (now) => {
          const fields = cookie > 0 ? [`Cookie: a=${'x'.repeat(cookie)}`] : [];
          now.get('client', 'server', ['/', '/style.css', '/gone'], { fields });
        }),
    }),
  }),
  pipeline: figure({
    title: 'All requests at once, or one after the other',
    tells: 'The client asks for four files. Choose how. Each answer is small, so the delay decides.',
    controls: { delay: delay(50), way: choices('Requests', ['all at once', 'one after the other']) },
    views: ['ladder', 'exchange'],
    pictureFrames: 22,
    world: ({ delay, way }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: delay * 1000 } },
      start: (world) =>
        world.at(QUIET, (now) => {
          now.get('client', 'server', ['/', '/style.css', '/', '/style.css'], { pipelined: way === 1 });
        }),
    }),
  }),
  condition: figure({
    title: 'Only if it has changed',
    tells: 'The client says what it has already, or which part it wants. The file has 10,000 bytes.',
    controls: {
      says: {
        ...choices('It says', [
          'nothing',
          'If-None-Match, its tag',
          'If-None-Match, an older tag',
          'Range and If-Range, its tag',
          'Range and If-Range, an older tag',
          'Range behind the end',
        ]),
        value: 2,
      },
    },
    views: ['exchange', 'ladder'],
    pictureFrames: 12,
    world: ({ says }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: 10_000 } },
      start: (world) =>
        world.at(QUIET, (now) => {
          now.get('client', 'server', '/book.txt', { fields: CONDITIONS[says - 1] ?? [] });
        }),
    }),
  }),
  smuggle: figure({
    title: 'Where does this request end?',
    tells: 'The client sends one write. It holds one request or two: that depends on which field you believe.',
    controls: {
      framing: choices('Fields', [
        'both lengths',
        'Content-Length alone',
        'chunked alone',
        'two Content-Lengths',
        'a space before the colon',
      ]),
    },
    views: ['exchange', 'ladder'],
    pictureFrames: 12,
    world: ({ framing }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: 10_000 } },
      start: (world) =>
        world.at(QUIET, (now) => {
          now.get('client', 'server', '/', { fields: FRAMINGS[framing - 1] ?? [] });
        }),
    }),
  }),
};
