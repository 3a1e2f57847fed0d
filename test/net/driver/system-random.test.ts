import { expect } from 'chai';
import { SystemRandom } from '../../../src/net/driver/system-random.js';

describe("the operating system's randomness", () => {
  it('gives 32-bit integers of either sign that do not repeat', () => {
    const random = new SystemRandom();
    const numbers = Array.from({ length: 5000 }, () => random.nextInt32());
    expect(numbers.every((number) => number === (number | 0))).to.equal(true);
    expect(numbers.filter((number) => number < 0).length).to.be.within(2000, 3000);
    expect(new Set(numbers).size).to.be.above(4990);
    expect(new SystemRandom().nextInt32()).not.to.equal(numbers[0]);
  });
});
