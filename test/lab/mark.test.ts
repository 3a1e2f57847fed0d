import { expect } from 'chai';
import { csvRow } from '../../src/lab/mark.js';

describe('the table of marks', () => {
  it('quotes what a comma or a quote mark would break (RFC 4180)', () => {
    expect(csvRow(['ann', 3, 'a, "b"'])).to.equal('ann,3,"a, ""b"""');
  });

  it('gives a spreadsheet no formula of a student', () => {
    expect(csvRow(['=1+1', '@x'])).to.equal("'=1+1,'@x");
  });
});
