import { expect } from 'chai';
import { explain } from '../../src/serve/explain.js';
import { ServeError } from '../../src/serve/serve-error.js';

const withCode = (code: string, cause?: unknown) => Object.assign(new Error('open: it failed', { cause }), { code });

describe('failures of the system in words', () => {
  it('says how to allow more files, wherever the shortage was met', () => {
    for (const error of [
      withCode('EMFILE'),
      withCode('ENFILE'),
      new Error('no queue', { cause: withCode('EMFILE') }),
    ]) {
      const explained = explain(error) as ServeError;
      expect(explained).to.be.instanceOf(ServeError);
      expect([explained.code, explained.advice]).to.deep.equal([
        'failure',
        'Allow more: ulimit -n 4096; in a systemd unit: LimitNOFILE=4096',
      ]);
    }
  });

  it('says that memory is short', () => {
    const explained = explain(new RangeError('Array buffer allocation failed')) as ServeError;
    expect(explained.message).to.equal('there is not enough memory');
  });

  it('says what to do where the binary part of koffi is missing', () => {
    const explained = explain(
      new Error('Cannot find the native Koffi module; did you bundle it correctly?'),
    ) as ServeError;
    expect(explained.message).to.contain('koffi, which calls the C library, does not load');
    expect(explained.advice).to.contain('npm ci');
  });

  it('leaves everything else as it is: a defect keeps its stack', () => {
    const error = new TypeError('x is not a function');
    expect(explain(error)).to.equal(error);
    const known = new ServeError('unreadable', 'this folder cannot be read');
    expect(explain(known)).to.equal(known);
  });
});
