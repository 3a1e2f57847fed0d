import { expect } from 'chai';
import { Faults, faultOf } from '../../src/serve/faults.js';
import { ServeError } from '../../src/serve/serve-error.js';

describe('faults of the options', () => {
  it('say a sentence once that holds for two options, and keep the place of each', () => {
    const faults = new Faults();
    for (const key of ['certificate', 'key']) faults.list.push(faultOf(['tls', key], 'a.pem cannot be read'));
    faults.list.push(faultOf(['port'], 'the port is taken'));
    try {
      faults.throwAll();
      expect.fail('nothing was thrown');
    } catch (error) {
      expect(error).to.be.instanceOf(ServeError);
      const { message, findings } = error as ServeError;
      expect(message).to.equal('a.pem cannot be read\nthe port is taken');
      expect(findings.map(({ path }) => path.join('.'))).to.deep.equal(['tls.certificate', 'tls.key', 'port']);
    }
  });
});
