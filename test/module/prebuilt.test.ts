/** Prebuilt answers: found by bytes, replaced, removed, bounded. */
import { expect } from 'chai';
import { PrebuiltAnswers } from '../../src/module/index.js';
import { SeededRandom } from '../../src/net/random.js';
import { finish, sum } from '../../src/net/wire/checksum.js';

const make = (mostBytes?: number) => new PrebuiltAnswers(new SeededRandom(1), mostBytes);
const text = (answers: PrebuiltAnswers, key: string, variant?: number) => {
  const found = answers.get(key, variant);
  return found === null ? undefined : Buffer.from(found.bytes).toString();
};

describe('prebuilt answers', () => {
  it('are found by a part of some bytes, each variant for itself', () => {
    const answers = make();
    answers.put('alice', 'long', 0);
    answers.put('alice', 'short', 1);
    const bytes = Buffer.from('..alice..');
    expect(answers.find(bytes, 2, 7, 1)?.length).to.equal(5);
    expect(answers.find(bytes, 2, 6)).to.equal(null);
    expect([text(answers, 'alice'), text(answers, 'alice', 1), text(answers, 'alice', 2)]).to.deep.equal([
      'long',
      'short',
      undefined,
    ]);
  });

  it('carry the sums of their bytes, so that sending reads none of them', () => {
    const answers = make();
    answers.put('k', 'x'.repeat(1_000));
    const found = answers.get('k')!;
    const account = { payloadBytesRead: 0 };
    expect(finish(found.sum(0, 1_000, account))).to.equal(finish(sum(found.bytes, 0, 1_000)));
    expect(account.payloadBytesRead).to.equal(0);
  });

  it('keep their bytes whatever happens to those that they were made from', () => {
    const answers = make();
    const source = Buffer.from('first');
    answers.put('k', source);
    source.fill(0);
    expect(text(answers, 'k')).to.equal('first');
  });

  it('are as many as there are keys, replaced and removed like the entries of a Map', () => {
    const random = new SeededRandom(7);
    const [answers, map] = [make(), new Map<string, string>()];
    for (let i = 0; i < 20_000; i++) {
      const key = `${random.nextInt32() & 255}`;
      if ((random.nextInt32() & 3) === 0) {
        expect(answers.remove(key)).to.equal(map.delete(key));
      } else {
        answers.put(key, `${i}`);
        map.set(key, `${i}`);
      }
    }
    expect(answers.size).to.equal(map.size);
    for (let i = 0; i < 256; i++) expect(text(answers, `${i}`)).to.equal(map.get(`${i}`));
    answers.clear();
    expect([answers.size, text(answers, '1')]).to.deep.equal([0, undefined]);
  });

  it('take no more memory than their bound, and have it again after a removal', () => {
    const answers = make(2_500);
    expect(answers.put('a', 'x'.repeat(1_000))).to.equal(true);
    expect(answers.put('b', 'x'.repeat(1_000))).to.equal(true);
    expect(answers.put('c', 'x')).to.equal(false);
    expect(answers.put('b', 'y'.repeat(900))).to.equal(true);
    expect(answers.put('b', 'y'.repeat(2_000))).to.equal(false);
    expect(text(answers, 'b')).to.equal('y'.repeat(900));
    answers.remove('a');
    expect(answers.put('c', 'x')).to.equal(true);
  });
});
