import { expect } from 'chai';
import { compareWithSlapd } from '../support/ldap/differential.js';
import { slapdObstacle } from '../support/ldap/slapd.js';

describe('searches beside OpenLDAP', () => {
  it('have the same codes, entries and values as slapd gives (500; npm run compare:ldap has 2,000)', async function () {
    const obstacle = slapdObstacle();
    if (obstacle !== undefined) {
      console.log(`      (skipped: ${obstacle})`);
      this.skip();
    }
    const { entries, differences } = await compareWithSlapd(500, 1);
    expect(differences).to.deep.equal([]);
    expect(entries).to.be.greaterThan(800);
  });
});
