import { expect } from 'chai';
import { answeredHost } from '../../../src/serve/folders/site-table.js';

describe('a Host field for somebody who has only the address', () => {
  const sites = [
    { folder: 'a', hosts: ['*.example.org'] },
    { folder: 'b', hosts: ['b.example.org'] },
  ];

  it('is not needed where any host is answered', () => {
    expect(answeredHost(sites, 'default')).to.equal(undefined);
  });

  it('is the first host without a star, else one that the first pattern fits', () => {
    expect(answeredHost(sites, 'misdirected')).to.equal('b.example.org');
    expect(answeredHost(sites.slice(0, 1), 'close')).to.equal('www.example.org');
    expect(answeredHost([{ folder: 'a' }], 'close')).to.equal(undefined);
  });
});
