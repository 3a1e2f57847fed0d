/**
 * Runs the public suite of cache tests against the shared cache, and prints its score and what is not passed:
 *
 *     npm run cache-tests                  with Set-Cookie stored, as RFC 9111 has it
 *     npm run cache-tests -- --defaults    with the default options
 *     npm run cache-tests -- --proxy       the same as without, through our reverse proxy
 *     npm run cache-tests -- ID            one test
 */
import { findSuite, runSuite, type TestKind } from './suite.js';

const [wish] = process.argv.slice(2);
const place = findSuite();
if (place === null) {
  console.error('The suite is not here: git clone https://github.com/http-tests/cache-tests, and name its folder in');
  console.error('FASTPATH_CACHE_TESTS, or put it at node_modules/.cache/http-cache-tests');
  process.exit(1);
}
const only = wish === undefined || wish.startsWith('-') ? undefined : wish;
const results = await runSuite(place, wish === '--defaults' ? {} : { setCookie: 'store' }, only, wish === '--proxy');
for (const { id, kind, isPassed, verdict, why } of results) {
  if (!isPassed && (kind !== 'check' || only !== undefined)) console.log(`${verdict} ${kind} ${id}: ${why}`);
}
for (const kind of ['required', 'optimal', 'check'] satisfies TestKind[]) {
  const all = results.filter((result) => result.kind === kind);
  console.log(`${kind} ${all.filter(({ isPassed }) => isPassed).length} of ${all.length}`);
}
process.exit(0);
