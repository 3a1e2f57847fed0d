import { expect } from 'chai';
import { FtpFuzz } from '../support/ftp/fuzz.js';

describe('mutated scripts of an FTP client', () => {
  it('get replies or none, and leave nothing behind (5,000; npm run fuzz:modules has a million)', async () => {
    const fuzz = await FtpFuzz.make(1);
    for (let i = 0; i < 5_000; i++) fuzz.run(i);
    expect(fuzz.commands).to.be.greaterThan(12_000);
  });
});
