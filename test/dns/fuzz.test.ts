import { expect } from 'chai';
import { askFuzzed, fuzzZone, QueryFuzz } from '../support/dns/fuzz.js';

describe('mutated input of the DNS server', () => {
  it('that is a query gets a sound answer or none (4,000; npm run fuzz:dns has a million)', () => {
    const fuzz = new QueryFuzz(1);
    for (let i = 0; i < 4_000; i++) fuzz.run(i);
  });

  it('that is a zone file is served, or refused with a reason (1,500)', () => {
    let loaded = 0;
    for (let i = 0; i < 1_500; i++) {
      const zone = fuzzZone(1, i);
      if (zone === undefined) continue;
      loaded++;
      if (loaded % 50 === 0) askFuzzed(zone);
    }
    expect(loaded).to.be.greaterThan(100);
  });
});
