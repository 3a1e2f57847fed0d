/**
 * Random searches for OpenLDAP's slapd and for our server, from the same LDIF: 2,000 unless told otherwise.
 * `node dist/scripts/compare-ldap.js [count] [seed]`. It ends with 1 if one differs.
 */
import { compareWithSlapd } from '../test/support/ldap/differential.js';
import { slapdObstacle } from '../test/support/ldap/slapd.js';

const [count = 2_000, seed = 1] = process.argv.slice(2).map(Number);
const obstacle = slapdObstacle();
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exitCode = 1;
} else {
  const { searches, entries, differences } = await compareWithSlapd(count, seed);
  for (const difference of differences) console.log(difference);
  console.log(`${searches} searches, ${entries} entries, ${differences.length} differences`);
  process.exitCode = differences.length > 0 ? 1 : 0;
}
