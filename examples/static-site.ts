/**
 * A static site from a program of your own, as `fastpath serve` serves it: TAP, workers, cache, HTTP.
 *
 *     npm run build && sudo node dist/examples/static-site.js ./site
 *     curl http://10.77.0.2/
 */
import { FolderServer, ServeError } from 'fastpath';
import { consoleEvents } from './support/console-events.js';

const [folder = 'examples/site'] = process.argv.slice(2);

try {
  const server = await FolderServer.start({ folder, network: { interfaceName: 'fp0' } }, consoleEvents);
  console.log(`serving ${folder} at ${server.info.url}`);
  process.once('SIGINT', () => void server.stop());
  process.once('SIGTERM', () => void server.stop());
} catch (error) {
  if (!(error instanceof ServeError)) throw error;
  console.error(error.message); // no privileges, a folder that is not there, an address that is taken …
  process.exitCode = 1;
}
