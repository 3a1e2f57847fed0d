/**
 * `fastpath serve` and a server on Linux's own TCP, faced by the same odd clients and by nmap: what happens to the
 * client is the same (scripts/lookalike; docs/lookalike.md). The scenarios that take seconds are left to `npm run
 * lookalike`.
 */
import { expect } from 'chai';
import { EXPLAINED_BY_NMAP, nmapFingerprint, parseFingerprint, unexplained } from '../../scripts/lookalike/nmap.js';
import { kindOfTime } from '../../scripts/lookalike/observations.js';
import { compare } from '../../scripts/lookalike/play.js';
import { SCENARIOS } from '../../scripts/lookalike/scenarios.js';
import { TwoServers } from '../../scripts/lookalike/servers.js';
import { describeInNamespace } from '../support/namespace.js';
import { needs } from '../support/serve-process.js';

describeInNamespace(import.meta.url, 'fastpath and Linux side by side', () => {
  let servers: TwoServers | undefined;

  before(async function () {
    needs(this, 'curl', 'ethtool', 'nsenter', 'ip');
    servers = await TwoServers.start();
  });
  after(() => servers?.stop());

  for (const [i, scenario] of SCENARIOS.entries()) {
    if (scenario.slow) continue;
    const so = scenario.explained === undefined ? 'the same happens' : 'what happens differs, as explained';
    it(`${scenario.name}: ${so}`, () => {
      const { ours, linux } = compare(servers!.subjects, scenario, i);
      expect(ours.join('\n')).not.to.contain('failed:');
      if (scenario.explained === undefined) expect(ours).to.deep.equal(linux);
      else expect(ours).not.to.deep.equal(linux);
    });
  }

  it("nmap's tests of sequence numbers, options, windows, odd flags and ICMP see no difference that is not explained", async function () {
    needs(this, 'nmap');
    const [ours, linux] = await Promise.all(servers!.subjects.map(({ address }) => nmapFingerprint(address)));
    expect(ours!.size).to.be.greaterThan(40);
    expect(unexplained(ours!, linux!)).to.deep.equal([]);
  });
});

describe('the comparison of two stacks', () => {
  const fingerprint = parseFingerprint('SEQ(SP=104%TI=Z)OPS(O1=M5B4ST11NW7)T3(R=N)WIN(W1=FFFF)');

  it('reads a fingerprint as tests with values', () => {
    expect([...fingerprint]).to.deep.equal([
      ['SEQ.SP', '104'],
      ['SEQ.TI', 'Z'],
      ['OPS.O1', 'M5B4ST11NW7'],
      ['T3.R', 'N'],
      ['WIN.W1', 'FFFF'],
    ]);
  });

  it('finds what differs without a reason: ids, answers, the order of options', () => {
    const other = parseFingerprint('SEQ(SP=FF%TI=I)OPS(O1=M5B4NWAST11)T3(R=Y%DF=Y)WIN(W1=FE88)');
    expect(unexplained(fingerprint, other)).to.deep.equal([
      'SEQ.TI: Z, Linux I',
      'OPS.O1: M5B4ST11NW7, Linux M5B4NWAST11',
      'T3.R: N, Linux Y',
      'T3.DF: (none), Linux Y',
    ]);
  });

  it('takes another window scale for no difference, and has a reason for each exception', () => {
    expect(
      unexplained(fingerprint, parseFingerprint('SEQ(SP=FF%TI=Z)OPS(O1=M5B4ST11NWA)T3(R=N)WIN(W1=FE88)')),
    ).to.deep.equal([]);
    for (const [, why] of EXPLAINED_BY_NMAP) expect(why).not.to.equal('');
  });

  it('sees times as kinds, each twice the last', () => {
    expect([10, 129, 200, 310, 350, 900, 3000].map(kindOfTime)).to.deep.equal([
      'at once',
      'at once',
      'after about 0.22 s',
      'after about 0.22 s',
      'after about 0.44 s',
      'after about 0.88 s',
      'after about 3.52 s',
    ]);
  });
});
