import { expect } from 'chai';
import { type PrioritySources, raisePriority } from '../../../scripts/bench/priority.js';

/** A machine with or without autogroups (undefined: a kernel that knows none), which obeys root. */
function machine(autogroup: string | undefined, isRoot: boolean) {
  const state = { nice: 0, group: 0 };
  const sources: PrioritySources = {
    read(path) {
      if (autogroup === undefined) throw new Error('ENOENT');
      return path.endsWith('enabled') ? `${autogroup}\n` : `/autogroup-77 nice ${state.group}\n`;
    },
    write(path, text) {
      if (!isRoot) throw new Error('EPERM');
      expect(path).to.equal('/proc/self/autogroup');
      state.group = Number(text);
    },
    setNice(value) {
      if (!isRoot) throw new Error('EACCES');
      state.nice = value;
    },
    nice: () => state.nice,
  };
  return { sources, state };
}

describe("the benchmark's priority", () => {
  it('is that of its session where each session is a group of its own', () => {
    const { sources, state } = machine('1', true);
    expect(raisePriority(sources)).to.equal('session at nice -15');
    expect(state.group).to.equal(-15);
  });

  it('is nice where sessions are no groups', () => {
    for (const autogroup of ['0', undefined]) {
      const { sources, state } = machine(autogroup, true);
      expect(raisePriority(sources)).to.equal('nice -15');
      expect(state.group).to.equal(0);
    }
  });

  it('is told as it is where it may not be raised', () => {
    expect(raisePriority(machine('0', false).sources)).to.equal('nice 0');
    expect(raisePriority(machine('1', false).sources)).to.equal(
      "session at nice 0: as any other's (autogroup; root may raise it)",
    );
  });
});
