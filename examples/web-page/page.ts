/**
 * The stack in a web page: a client fetches a file from a server over a bad link, and each frame becomes a line. Reload
 * with `#seed=7&loss=0.1`, and other frames are lost; the same seed gives the same lines.
 *
 *     npm run build && npx esbuild examples/web-page/page.ts --bundle --format=esm --outdir=dist/web-page
 *     cp examples/web-page/index.html dist/web-page/ && npx http-server dist/web-page       (or any server of files)
 */
import { describeFrame, World } from 'fastpath/browser';

const choice = new URLSearchParams(location.hash.slice(1));
const numberOf = (name: string, otherwise: number) => Number(choice.get(name) ?? otherwise);
const lines = document.querySelector('#frames') as HTMLElement;
const result = document.querySelector('#result') as HTMLElement;

const world = new World({
  seed: numberOf('seed', 1),
  hosts: { client: {}, server: { files: { '/': 'Hello from a stack in this page.' } } },
  link: { both: { delay: 20_000, loss: numberOf('loss', 0.2) } },
  start: (world) => world.get('client', 'server', ['/']),
});

world.observe((event) => {
  if (event.kind !== 'frame') return;
  const line = document.createElement('li');
  const milliseconds = (event.time / 1_000).toFixed(1);
  line.textContent = `${milliseconds} ms  ${describeFrame(event.bytes, 0, event.bytes.length)}`;
  if (event.fate !== 'delivered') line.className = 'lost';
  lines.append(line);
});
world.runUntilIdle();

const [answer] = world.fetches[0]?.answers ?? [];
result.textContent =
  answer?.doneAt === undefined ? 'no answer' : `${answer.status}, ${answer.bytes} bytes, ${answer.doneAt / 1_000} ms`;
