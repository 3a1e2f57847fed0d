import { expect } from 'chai';
import { warning } from '../../../src/cache/folder/warnings.js';
import { FolderWarnings } from '../../../src/serve/folders/warnings.js';

describe('the warnings about a folder', () => {
  let shown: string[];
  let warnings: FolderWarnings;

  beforeEach(() => {
    shown = [];
    warnings = new FolderWarnings((text) => shown.push(text));
  });

  it('are shown ten times for each kind, and then counted', () => {
    for (let n = 1; n <= 48_520; n++) warnings.take(warning('unreadable', `/${n}.txt`, 'EACCES'));
    warnings.take(warning('loop', '/self'));
    warnings.summarize();
    expect(shown).to.have.lengthOf(12);
    expect(shown[0]).to.equal('/1.txt: answered with 403, and in no list: it cannot be read (EACCES)');
    expect(shown[9]).to.equal('/10.txt: answered with 403, and in no list: it cannot be read (EACCES)');
    expect(shown[10]).to.equal('/self: left out: a symbolic link that leads back to where it is');
    expect(shown[11]).to.equal('48,510 more: answered with 403, and in no list: it cannot be read, as /1.txt is');
  });

  it('are all shown where there are ten', () => {
    for (let n = 1; n <= 10; n++) warnings.take(warning('unreadable', `/${n}`));
    warnings.summarize();
    expect(shown).to.have.lengthOf(10);
  });

  it('are all shown when the folder is read', () => {
    for (let n = 1; n <= 11; n++) warnings.take(warning('changing', `/${n}`));
    warnings.summarize();
    warnings.summarize();
    expect(shown).to.have.lengthOf(11);
    for (let n = 1; n <= 30; n++) warnings.take(warning('changing', `/later${n}`));
    expect(shown).to.have.lengthOf(41);
  });

  it('show no control characters of a name', () => {
    for (let n = 1; n <= 11; n++) warnings.take(warning('dangling', '/\x1b[2J'));
    warnings.summarize();
    expect(shown.join('')).not.to.contain('\x1b');
  });
});
