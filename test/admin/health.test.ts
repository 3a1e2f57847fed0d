/** What `/healthz` and `/readyz` say, by state and by the heartbeats of the workers. */
import { expect } from 'chai';
import { Health } from '../../src/admin/health.js';

function serving(): Health {
  const health = new Health();
  health.state = 'serving';
  health.beat([1, 1], 0);
  return health;
}

describe('health', () => {
  it('is alive and not ready while folders are loaded, and says how far that is', () => {
    const health = new Health();
    health.loading({ files: 3, totalFiles: 10, bytes: 30, totalBytes: 100 });
    expect(health.liveness(0).ok).to.equal(true);
    expect(health.readiness(0)).to.deep.equal({
      ok: false,
      status: 'starting',
      loading: { files: 3, totalFiles: 10, bytes: 30, totalBytes: 100 },
    });
  });

  it('is ready while the workers move', () => {
    const health = serving();
    for (let second = 1; second < 100; second++) health.beat([4 * second, 4 * second], 1_000 * second);
    expect(health.readiness(100_000)).to.deep.equal({ ok: true, status: 'serving' });
  });

  it('is not ready when one worker has not moved for three seconds, and names it', () => {
    const health = serving();
    health.beat([5, 1], 2_900);
    expect(health.readiness(2_999).ok).to.equal(true);
    expect(health.readiness(3_000)).to.deep.equal({ ok: false, status: 'stuck', stuckWorkers: [1] });
    expect(health.liveness(3_000).ok).to.equal(true);
    health.beat([9, 1], 10_000);
    expect(health.liveness(10_000)).to.deep.equal({ ok: false, status: 'stuck', stuckWorkers: [1] });
    health.beat([13, 2], 11_000);
    expect(health.readiness(11_000).ok).to.equal(true);
  });

  it('is alive and not ready while connections end, even if workers have ended', () => {
    const health = serving();
    health.state = 'draining';
    expect(health.readiness(60_000)).to.deep.equal({ ok: false, status: 'draining' });
    expect(health.liveness(60_000).ok).to.equal(true);
  });
});
