import { expect } from 'chai';
import {
  cacheLimit,
  checkAddressSpace,
  memoryLimit,
  parseAddressSpace,
} from '../../../src/serve/process/memory-limit.js';
import { ServeError } from '../../../src/serve/serve-error.js';

const GIB = 2 ** 30;

describe('memory limit', () => {
  it('is no more than the machine has', () => {
    expect(memoryLimit()).to.be.within(1, 2 ** 50);
  });

  it('lets the cache have its default, or half of the memory where that is less', () => {
    expect(cacheLimit(undefined, GIB, 8 * GIB)).to.equal(GIB);
    expect(cacheLimit(undefined, GIB, GIB)).to.equal(GIB / 2);
  });

  it('lets a wish have all the memory, and refuses more with a size that would do', () => {
    expect(cacheLimit(3 * GIB, GIB, 4 * GIB)).to.equal(3 * GIB);
    expect(() => cacheLimit(5 * GIB, GIB, 4 * GIB))
      .to.throw(ServeError, 'a cache of 5120 MiB is more than the 4096 MiB')
      .with.property('advice', 'Choose less: --cache-size 2048M');
  });

  it('reads what ulimit -v allows', () => {
    const line = (soft: string) =>
      `Max cpu time  unlimited\nMax address space         ${soft}           unlimited            bytes\n`;
    expect(parseAddressSpace(line('1331200000'))).to.equal(1_331_200_000);
    expect(parseAddressSpace(line('unlimited'))).to.equal(0);
  });

  it('refuses an address space in which V8 would abort', () => {
    expect(() => checkAddressSpace(1, 0, GIB)).not.to.throw();
    expect(() => checkAddressSpace(1, 3 * GIB, GIB)).not.to.throw();
    expect(() => checkAddressSpace(4, 3 * GIB, GIB))
      .to.throw(ServeError, '3072 MiB of address space (ulimit -v) are too little')
      .with.property('advice')
      .that.contains('ulimit -v unlimited');
  });
});
