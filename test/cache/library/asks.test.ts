import { expect } from 'chai';
import { ABSENT, Asks, LOOK_AGAIN, type Outcome, type Waiter } from '../../../src/cache/library/asks.js';

class Client implements Waiter {
  outcomes: Outcome[] = [];
  settled(outcome: Outcome): void {
    this.outcomes.push(outcome);
  }
}

function settle(asks: Asks, outcome: Outcome, ...numbers: number[]): void {
  asks.settle(Int32Array.from(numbers.flatMap((ask) => [ask, outcome])));
}

describe('cache/library/asks', () => {
  it('makes one ask of many connections that want one name', () => {
    const asks = new Asks();
    const clients = [new Client(), new Client(), new Client()];
    for (const client of clients) asks.want(0, '/a', client);
    expect(asks.take()).to.deep.equal([{ ask: 1, site: 0, name: '/a' }]);
    expect(asks.take()).to.deep.equal([]);
    settle(asks, LOOK_AGAIN, 1);
    for (const { outcomes } of clients) expect(outcomes).to.deep.equal([LOOK_AGAIN]);
    expect(asks.counters()).to.include({ sent: 1, joined: 2, open: 0 });
  });

  it('asks for the same path of two sites apart', () => {
    const asks = new Asks();
    asks.want(0, '/a', null);
    asks.want(1, '/a', null);
    expect(asks.take().map(({ site }) => site)).to.deep.equal([0, 1]);
  });

  it('has a bound of what is with the main thread, and sends the others in their order', () => {
    const asks = new Asks();
    const client = new Client();
    for (let i = 0; i < 100; i++) asks.want(0, `/${i}`, client);
    const first = asks.take();
    expect(first.length).to.equal(64);
    expect(asks.counters()).to.include({ open: 100, queued: 36 });
    settle(asks, LOOK_AGAIN, ...first.slice(0, 10).map(({ ask }) => ask));
    expect(asks.take().map(({ name }) => name)).to.deep.equal(Array.from({ length: 10 }, (_, i) => `/${64 + i}`));
  });

  it('drops an ask at its turn if all who waited for it have gone', () => {
    const asks = new Asks();
    const [patient, impatient] = [new Client(), new Client()];
    for (let i = 0; i < 64; i++) asks.want(0, `/${i}`, patient);
    const late = asks.want(0, '/late', impatient);
    asks.want(0, '/last', patient);
    asks.leave(late, impatient);
    asks.take();
    settle(asks, LOOK_AGAIN, 1);
    expect(asks.take().map(({ name }) => name)).to.deep.equal(['/last']);
    expect([impatient.outcomes, asks.counters().open]).to.deep.equal([[], 64]);
  });

  it('tells nobody who has left', () => {
    const asks = new Asks();
    const [here, gone] = [new Client(), new Client()];
    const ask = asks.want(0, '/a', here);
    asks.want(0, '/a', gone);
    asks.leave(ask, gone);
    settle(asks, ABSENT, 1);
    expect([here.outcomes, gone.outcomes]).to.deep.equal([[ABSENT], []]);
  });

  it('knows for a second that a name is absent, and asks again then', () => {
    let now = 0;
    const asks = new Asks(() => now);
    asks.want(0, '/a', null);
    settle(asks, ABSENT, 1);
    expect([asks.isAbsent(0, '/a'), asks.isAbsent(1, '/a'), asks.isAbsent(0, '/b')]).to.deep.equal([
      true,
      false,
      false,
    ]);
    now = 999;
    expect(asks.isAbsent(0, '/a')).to.equal(true);
    now = 1000;
    expect(asks.isAbsent(0, '/a')).to.equal(false);
  });

  it('remembers a bounded number of absent names', () => {
    const asks = new Asks();
    for (let i = 0; i < 5000; i++) {
      asks.want(0, `/${i}`, null);
      settle(asks, ABSENT, i + 1);
    }
    expect([asks.isAbsent(0, '/0'), asks.isAbsent(0, '/903'), asks.isAbsent(0, '/904')]).to.deep.equal([
      ...[false, false, true],
    ]);
  });

  it('lets somebody ask again from within the outcome', () => {
    const asks = new Asks();
    let again = 0;
    const eager: Waiter = {
      settled: () => {
        if (again++ < 2) asks.want(0, '/a', eager);
      },
    };
    asks.want(0, '/a', eager);
    for (let ask = 1; ask <= 3; ask++) settle(asks, LOOK_AGAIN, ask);
    expect([again, asks.counters().open]).to.deep.equal([3, 0]);
  });
});
