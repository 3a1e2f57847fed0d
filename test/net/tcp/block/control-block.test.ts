import { expect } from 'chai';
import { NO_MARKS } from '../../../../src/net/tcp/block/control-block.js';
import { NO_DOUBT } from '../../../../src/net/tcp/parts/path-search.js';
import { reach } from '../../../support/reach.js';

describe('tcp: control block', () => {
  it('holds nothing of its own for what has not happened yet', () => {
    const peer = reach('ESTABLISHED');
    peer.send('P.', { seq: 1, ack: 1, data: 100 });
    const tcb = peer.controlBlock!;
    expect(tcb.ecn).to.equal(NO_MARKS);
    expect(tcb.pathSearch).to.equal(NO_DOUBT);
    expect(tcb.preferences).to.equal(tcb.listener!.preferences);
    expect([tcb.reassembly, tcb.received, tcb.accurateEcn]).to.deep.equal([null, null, null]);
  });

  it('what all connections share cannot be changed', () => {
    expect(Object.isFrozen(NO_MARKS)).to.equal(true);
    expect(Object.isFrozen(NO_DOUBT)).to.equal(true);
  });

  it('a preference that a program sets is for its connection alone', () => {
    const { controlBlock: tcb } = reach('ESTABLISHED');
    const shared = tcb!.listener!.preferences;
    tcb!.connection!.trafficClass = 0x20;
    tcb!.connection!.userTimeout = 5000;
    expect(tcb!.preferences).to.include({ trafficClass: 0x20, userTimeout: 5000, timeToLive: shared.timeToLive });
    expect(shared).to.include({ trafficClass: 0, userTimeout: 0 });
    expect(tcb!.listener!.preferences).to.equal(shared);
  });

  it('keep-alive can be switched off again for a connection', () => {
    const tcb = reach('ESTABLISHED', { tcp: { keepAlive: true } }).controlBlock!;
    expect(tcb.preferences.keepAlive).to.not.equal(null);
    tcb.connection!.keepAlive = null;
    expect(tcb.preferences.keepAlive).to.equal(null);
    expect(tcb.listener!.preferences.keepAlive).to.not.equal(null);
  });
});
