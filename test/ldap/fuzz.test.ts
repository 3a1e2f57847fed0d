import { expect } from 'chai';
import { LdapFuzz } from '../support/ldap/fuzz.js';

describe('mutated messages of LDAP', () => {
  it('get whole answers or none, and leave nothing behind (5,000; npm run fuzz:modules has a million)', () => {
    const fuzz = new LdapFuzz(1);
    for (let i = 0; i < 5_000; i++) fuzz.run(i);
    expect(fuzz.malformed).to.be.greaterThan(500);
    expect(fuzz.searches).to.be.greaterThan(1_200);
  });
});
