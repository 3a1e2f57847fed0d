import { expect } from 'chai';
import { describeUnwatched } from '../../../src/serve/folders/watches.js';

describe('a folder that cannot be watched', () => {
  it('is named', () => {
    const error = Object.assign(new Error('no'), { code: 'EACCES', path: '/srv/www/a\nb' });
    expect(describeUnwatched(error)).to.equal(
      'changes in some folders, such as /srv/www/a\\x0ab, will not be noticed: they cannot be watched (EACCES); ' +
        'SIGHUP looks at all files',
    );
  });
});
