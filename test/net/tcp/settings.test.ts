/** The defaults, against the documents that ask for them: a change here is a decision, not an accident. */
import { expect } from 'chai';
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import { DEFAULT_TCP_SETTINGS as settings } from '../../../src/net/tcp/settings.js';

describe('tcp: default settings', () => {
  it('what the RFCs fix [6298-1] [6298-3] [6928-1] [9293-MUST-25] [9293-MUST-28] [9293-MUST-23] [9293-MUST-40]', () => {
    expect(settings.initialRto).to.equal(SECOND);
    expect(settings.maximumRto).to.be.at.least(60 * SECOND);
    expect(settings.initialWindowSegments).to.equal(10);
    expect(settings.keepAlive).to.equal(false);
    expect(settings.keepAliveIdle).to.be.at.least(7200 * SECOND);
    expect(settings.delayedAck).to.be.below(500 * MILLISECOND);
    // A SYN after 1, 3, 7 … s: the last wait is over after at least three minutes.
    expect((2 ** (settings.synRetries + 1) - 1) * settings.initialRto).to.be.at.least(180 * SECOND);
  });

  it('what Linux has and clients have come to expect [LX-2] [LX-3] [LX-4] [LX-6] [LX-8] [LX-9] [LX-11]', () => {
    expect(settings.minimumRto).to.equal(200 * MILLISECOND);
    expect(settings.timeWait).to.equal(60 * SECOND);
    expect(settings.finWait2).to.equal(60 * SECOND);
    expect(settings.quickAcks).to.equal(16);
    expect([settings.synAckRetries, settings.dataRetries, settings.orphanRetries]).to.deep.equal([5, 15, 8]);
    expect([settings.keepAliveInterval, settings.keepAliveProbes]).to.deep.equal([75 * SECOND, 9]);
    expect(settings.ecn).to.equal('accept');
  });

  it('everything that makes a connection quicker or safer is on', () => {
    const { windowScaling, timestamps, sack, nagle, forwardRto, tailLossProbe, blackHoleDetection } = settings;
    expect([windowScaling, timestamps, sack, nagle, forwardRto, tailLossProbe, blackHoleDetection]).to.not.include(
      false,
    );
    expect([settings.slowStartAfterIdle, settings.synCookies, settings.congestionControl]).to.deep.equal([
      true,
      'overflow',
      'cubic',
    ]);
  });
});
