import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { EventFlood } from '../../../src/site/watch/flood.js';
import { HardLinks } from '../../../src/site/watch/hard-links.js';
import { PendingNames } from '../../../src/site/watch/pending.js';
import { identityOf, wayTo } from '../../../src/site/watch/served-path.js';
import { isTemporary } from '../../../src/site/watch/temporary.js';
import { WatchedFolders } from '../../../src/site/watch/watched-folders.js';
import { TemporaryFolder } from '../../cache/support.js';

describe('site/watch: names that wait to be quiet', () => {
  it('are given out when nothing has happened to them for a while', () => {
    const pending = new PendingNames(100);
    pending.add('/a', 0);
    pending.add('/b', 50);
    expect([pending.take(99), pending.nextMs, pending.take(100), pending.nextMs]).to.deep.equal([[], 100, ['/a'], 150]);
    expect([pending.take(150), pending.nextMs, pending.size]).to.deep.equal([['/b'], undefined, 0]);
  });

  it('wait as long as they were written for, up to two seconds', () => {
    const pending = new PendingNames(100);
    pending.add('/upload', 0);
    pending.add('/upload', 600);
    expect([pending.take(1_199), pending.take(1_200)]).to.deep.equal([[], ['/upload']]);
    for (let at = 0; at <= 60_000; at += 500) pending.add('/long', at);
    expect([pending.take(61_999), pending.take(62_000)]).to.deep.equal([[], ['/long']]);
  });

  it('are one writing over pauses of half a second, though they were read in between', () => {
    const pending = new PendingNames(100);
    const read: number[] = [];
    const pass = (fromMs: number, toMs: number) => {
      for (let at = fromMs; at < toMs; at += 10) if (pending.take(at).length > 0) read.push(at);
    };
    for (let line = 0; line < 8; line++) {
      pending.add('/slow', 300 * line);
      pass(300 * line, 300 * line + 300);
    }
    pass(2_400, 10_000);
    // The first line, before anybody could know. Then the whole file: 2 s behind the last line, which came at 2.1 s.
    expect(read).to.deep.equal([100, 4_100]);
    pending.add('/slow', 10_000);
    pass(10_000, 10_500);
    expect(read.at(-1), 'a save long after').to.equal(10_100);
  });

  it('are read each time if they are replaced every second', () => {
    const pending = new PendingNames(100);
    for (let second = 0; second < 60; second++) {
      pending.add('/now.json', 1_000 * second);
      expect(pending.take(1_000 * second + 100)).to.deep.equal(['/now.json']);
    }
  });

  it('wait for the quiet that the owner asks for, even if that is longer', () => {
    const pending = new PendingNames(5_000);
    pending.add('/slow', 0);
    pending.add('/slow', 9_000);
    expect([pending.take(13_999), pending.take(14_000)]).to.deep.equal([[], ['/slow']]);
  });

  it('become their folders when they are too many, level by level, and the root at last', () => {
    const pending = new PendingNames(100, 8);
    for (let i = 0; i < 8; i++) pending.add(`/docs/${i}`, i);
    pending.add('/docs/8', 8);
    expect([pending.size, pending.has('/docs')]).to.deep.equal([1, true]);
    expect(pending.take(108)).to.deep.equal(['/docs']); // as young as the youngest of them
    for (let i = 0; i < 1_000; i++) pending.add(`/${i}/x`, 0);
    expect(pending.size).to.be.at.most(8);
    expect(pending.has('')).to.equal(true);
  });
});

describe('site/watch: temporary names', () => {
  it('are those that editors and tools use for a moment', () => {
    const names = ['index.html~', '#index.html#', '.#index.html', '.a.swp', 'a.swx', 'a.swo', '4913', 'a.tmp', 'A.TMP'];
    names.push('x.js.tmp-12ab', 'sedAb12Cd', 'a.js___jb_tmp___', 'a.kate-swp', '.goutputstream-XYZ', 'a.iso.part');
    names.push('a.crdownload', 'a.filepart', '.nfs00ab', '.~lock.a.odt#', '~$a.docx');
    expect(names.filter((name) => !isTemporary(name))).to.deep.equal(['a.swx']);
  });

  it('are no names that people give to pages', () => {
    const names = ['index.html', '4913.html', 'a.temperature', 'template.tmpl', 'sedative', 'c#', 'party', 'swap.js'];
    expect(names.filter(isTemporary)).to.deep.equal([]);
  });
});

describe('site/watch: a flood of events', () => {
  it('is told when one turn brings as many events as the kernel’s queue may hold', () => {
    const turns: (() => void)[] = [];
    const flood = new EventFlood(10, (action) => turns.push(action));
    const count = (events: number) => Array.from({ length: events }, () => flood.count());
    expect(count(5)).to.deep.equal([0, 0, 0, 0, 0]);
    turns.pop()?.();
    expect(count(7)).to.deep.equal([0, 0, 0, 0, 0, 2, 2]);
    turns.pop()?.();
    expect(count(5)).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it('knows the queue of this machine', () => {
    const flood = new EventFlood();
    expect(flood.count()).to.equal(0);
  });
});

describe('site/watch: files with hard links', () => {
  it('are forgotten when they cannot be looked at any more, and no look fails for that', () => {
    const folder = new TemporaryFolder();
    folder.write('docs/a', '');
    linkSync(folder.at('docs/a'), folder.at('b'));
    const links = new HardLinks();
    links.add('/docs/a', folder.at('docs/a'), statSync(folder.at('docs/a')));
    rmSync(folder.at('docs'), { recursive: true });
    symlinkSync('docs', folder.at('docs')); // the system says ELOOP, not that nothing is there
    expect([links.takeChanged(), links.size]).to.deep.equal([[], 0]);
    folder.remove();
  });
});

describe('site/watch: the way to a folder', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
    mkdirSync(`${folder.path}/releases/1/public`, { recursive: true });
    mkdirSync(`${folder.path}/releases/2/public`, { recursive: true });
  });
  afterEach(() => folder.remove());

  it('is the folder itself and each link, relative or absolute, also behind another one', () => {
    const at = (path: string) => `${folder.path}/${path}`;
    expect(wayTo(at('releases/1'))).to.deep.equal([at('releases/1')]);
    symlinkSync('releases/1', at('stable'));
    symlinkSync(at('stable'), at('current'));
    const way = [at('current'), at('stable'), at('releases/1/public')];
    expect(wayTo(at('current/../1/./public'))).to.deep.equal(way); // ".." is of the folder that the links lead to
    expect(wayTo(at('current/public'))).to.deep.equal(way);
  });

  it('ends in a circle of links', () => {
    symlinkSync('b', `${folder.path}/a`);
    symlinkSync('a', `${folder.path}/b`);
    expect(wayTo(`${folder.path}/a`).length).to.be.within(2, 41);
    expect(identityOf(`${folder.path}/a`)).to.equal(undefined);
  });

  it('leads to another identity when the folder is made anew', () => {
    const path = `${folder.path}/releases/1`;
    const before = identityOf(path);
    renameSync(path, `${folder.path}/old`);
    expect(identityOf(path)).to.equal(undefined);
    mkdirSync(path);
    expect(identityOf(path)?.path).to.equal(before?.path);
    expect(identityOf(path)?.id).to.not.equal(before?.id);
    rmSync(path, { recursive: true });
  });
});

describe('site/watch: folders and their names', () => {
  function setUp() {
    const watched = new Set<string>();
    const source = {
      add: (path: string) => watched.add(path).size > 0,
      remove: (path: string) => void watched.delete(path),
      close: () => {},
    };
    return { watched, folders: new WatchedFolders(source, '/srv') };
  }

  it('give an entry all names under which it is served', () => {
    const { folders } = setUp();
    folders.enter('', '/srv');
    folders.enter('/releases', '/srv/releases');
    folders.enter('/releases/1', '/srv/releases/1');
    folders.follow('/current', '/srv/releases/1');
    folders.enter('/current', '/srv/releases/1');
    folders.follow('/logo', '/srv/releases/1/logo.svg');
    expect(folders.namesOf('/srv/releases/1/a')).to.deep.equal(['/releases/1/a', '/current/a']);
    expect(folders.namesOf('/srv/releases/1/logo.svg')).to.have.members([
      ...['/releases/1/logo.svg', '/current/logo.svg', '/logo'],
    ]);
    expect(folders.namesOf('/srv/releases/1')).to.deep.equal(['/releases/1', '/current']);
    expect(folders.linksInto(['/releases'])).to.deep.equal(['/current', '/logo']);
  });

  it('know an entry in a folder that no walk has told of, if a source does', () => {
    const { folders } = setUp();
    expect([folders.namesOf('/srv/new/a'), folders.namesOf('/srv'), folders.namesOf('/srv2/a')]).to.deep.equal([
      ['/new/a'],
      [],
      [],
    ]);
  });

  it('are watched as long as a name or a link needs them', () => {
    const { folders, watched } = setUp();
    folders.enter('', '/srv');
    folders.enter('/a', '/srv/a');
    folders.enter('/a/b', '/srv/a/b');
    folders.enter('/ab', '/srv/ab');
    folders.follow('/outside', '/etc/motd');
    folders.forget(['/a']);
    expect([...watched]).to.deep.equal(['/srv', '/srv/ab', '/etc']);
    folders.forget(['/outside']);
    expect([...watched]).to.deep.equal(['/srv', '/srv/ab']);
    folders.forget(['']);
    expect([[...watched], folders.size]).to.deep.equal([[], 0]);
  });

  it('tell which links lead elsewhere', () => {
    const { folders } = setUp();
    folders.follow('/current', '/srv/releases/1');
    folders.follow('/logo', '/srv/logo.svg');
    const now = (path: string) => (path === '/srv/current' ? '/srv/releases/2' : '/srv/logo.svg');
    expect(folders.movedLinks(now)).to.deep.equal(['/current']);
  });
});
