import { expect } from 'chai';
import { actingAs, chooseUser, type ServeUser, type UserSources } from '../../../src/serve/process/privileges.js';
import { ServeError } from '../../../src/serve/serve-error.js';

const USERS: Readonly<Record<string, ServeUser>> = {
  root: { name: 'root', uid: 0, gid: 0 },
  nobody: { name: 'nobody', uid: 65_534, gid: 65_534 },
  alice: { name: 'alice', uid: 1_000, gid: 1_000 },
};

/** A machine with these users, and who we are there. */
const sources = (change: Partial<UserSources> = {}): UserSources => ({
  env: {},
  uid: 0,
  lookUp(name) {
    const user = USERS[name];
    if (user === undefined) throw new Error('id: no such user');
    return user;
  },
  canBecome: () => true,
  ...change,
});

const sudo = { SUDO_USER: 'alice', SUDO_UID: '1000', SUDO_GID: '1001' };

function errorOf(choose: () => unknown): ServeError {
  try {
    choose();
  } catch (error) {
    if (error instanceof ServeError) return error;
    throw error;
  }
  throw new Error('it was chosen without an error');
}

describe('what is done as the user whom root becomes', () => {
  it('is done without the groups of root, and root has them again after it', function () {
    if (process.geteuid?.() !== 0) this.skip();
    const before = [process.geteuid(), process.getegid?.(), process.getgroups?.()];
    const ids = () => [process.geteuid?.(), process.getegid?.(), process.getgroups?.()];
    expect(actingAs({ name: '4711', uid: 4711, gid: 4712 }, ids)).to.deep.equal([4711, 4712, [4712]]);
    expect(ids()).to.deep.equal(before);
  });
});

describe('the user as whom root serves', () => {
  it('is the one who called sudo', () => {
    expect(chooseUser(undefined, sources({ env: sudo }))).to.deep.equal({ name: 'alice', uid: 1_000, gid: 1_001 });
  });

  it('is nobody without sudo, and where root called sudo', () => {
    expect(chooseUser(undefined, sources())?.name).to.equal('nobody');
    const byRoot = { SUDO_USER: 'root', SUDO_UID: '0', SUDO_GID: '0' };
    expect(chooseUser(undefined, sources({ env: byRoot }))?.name).to.equal('nobody');
  });

  it('is nobody by number where no file names one', () => {
    const lookUp = () => {
      throw new Error('id: no such user');
    };
    expect(chooseUser(undefined, sources({ lookUp }))).to.deep.include({ uid: 65_534, gid: 65_534 });
  });

  it('is the one that was asked for, before all others; root means no change', () => {
    expect(chooseUser('alice', sources())).to.equal(USERS.alice);
    expect(chooseUser('root', sources({ env: sudo }))).to.equal(undefined);
  });

  it('is no other one for an ordinary user, who may not ask for one either', () => {
    expect(chooseUser(undefined, sources({ uid: 1_000 }))).to.equal(undefined);
    expect(chooseUser('alice', sources({ uid: 1_000 }))).to.equal(undefined);
    expect(errorOf(() => chooseUser('nobody', sources({ uid: 1_000 }))).code).to.equal('no-privilege');
  });

  it('is no other one where the user namespace knows none, unless that was asked for: an error', () => {
    const alone = sources({ canBecome: () => false });
    expect(chooseUser(undefined, alone)).to.equal(undefined);
    expect(errorOf(() => chooseUser('alice', alone)).message).to.contain('user namespace');
  });

  it('must be there', () => {
    expect(errorOf(() => chooseUser('mallory', sources())).message).to.equal('there is no user mallory');
  });
});
