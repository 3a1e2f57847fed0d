import { expect } from 'chai';
import {
  allowedCpus,
  idleUs,
  ProcessUsage,
  processTree,
  residentBytes,
  statFields,
} from '../../../scripts/bench/cpu.js';

describe('CPU time from /proc', () => {
  it('finds the fields behind a command name with spaces and parentheses', () => {
    expect(statFields('42 (a (b) c) S 1 42 42').slice(0, 2)).to.deep.equal(['S', '1']);
  });

  it('adds idle, waiting and stolen time of the chosen CPUs only', () => {
    const text =
      'cpu  9 9 9 99 9 9 9 9 0 0\ncpu0 1 1 1 10 2 1 1 3 0 0\ncpu1 1 1 1 100 20 1 1 30 0 0\ncpu10 1 1 1 7 7 1 1 7 0 0\n';
    expect(idleUs(text, [0])).to.equal(15 * 10_000);
    expect(idleUs(text, [0, 1])).to.equal(165 * 10_000);
  });

  it('reads the list of allowed CPUs, ranges too', () => {
    expect(allowedCpus('Name:\tx\nCpus_allowed_list:\t0-1,4,6-7\n')).to.deep.equal([0, 1, 4, 6, 7]);
  });

  it('sees what this process itself uses', () => {
    const before = new ProcessUsage(process.pid);
    let sink = 0;
    const from = process.cpuUsage();
    const isLong = () => process.cpuUsage(from).user > 60_000; // some ticks of the kernel's count
    while (!isLong()) for (let i = 0; i < 10_000; i++) sink += Math.sqrt(sink + 1);
    const spent = new ProcessUsage(process.pid).since(before);
    expect(sink).to.be.above(0);
    expect(spent.user + spent.system).to.be.above(0);
    expect(processTree(process.pid)).to.include(process.pid);
    expect(residentBytes(process.pid)).to.be.above(1_000_000);
  });

  it('of a process that has ended is nothing, not an error', () => {
    const gone = new ProcessUsage(2 ** 30);
    expect(new ProcessUsage(2 ** 30).since(gone)).to.deep.equal({ user: 0, system: 0 });
    expect(residentBytes(2 ** 30)).to.equal(0);
  });
});
