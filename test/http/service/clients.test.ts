import { expect } from 'chai';
import { type HttpLimits, withDefaults } from '../../../src/http/limits.js';
import { type Client, Clients } from '../../../src/http/service/clients.js';
import { Clock, SECOND } from '../../../src/net/clock.js';
import { IpAddress } from '../../../src/net/wire/address.js';

const A = IpAddress.parse('192.0.2.1');
const B = IpAddress.parse('192.0.2.2');

function table(limits: Partial<HttpLimits>): { clients: Clients; clock: Clock } {
  const clock = new Clock();
  return { clients: new Clients(withDefaults(limits), clock), clock };
}

function open(clients: Clients, address: IpAddress): Client {
  const client = clients.opened(address);
  if (client === null) throw new Error(`${address} was refused`);
  return client;
}

/** How many of `count` requests may be asked now. */
const asked = (clients: Clients, client: Client, count: number) =>
  Array.from({ length: count }, () => clients.mayAsk(client)).filter(Boolean).length;

describe('the clients of a server', () => {
  it('are each bounded in connections, and an ended one makes room', () => {
    const { clients } = table({ connectionsPerClient: 2 });
    const first = open(clients, A);
    open(clients, A);
    expect(clients.opened(A)).to.equal(null);
    expect(clients.opened(B), 'another client').not.to.equal(null);
    clients.closed(first);
    expect(clients.opened(A)).not.to.equal(null);
  });

  it('are as many connections as they like where the bound is 0', () => {
    const { clients } = table({ connectionsPerClient: 0 });
    for (let i = 0; i < 19_999; i++) open(clients, A);
    expect(open(clients, A).connections).to.equal(20_000);
  });

  it('are one IPv4 address, or one IPv6 network of 64 bits', () => {
    const { clients } = table({});
    const one = open(clients, IpAddress.parse('2001:db8:0:1::1'));
    expect(clients.opened(IpAddress.parse('2001:db8:0:1:ffff::9'))).to.equal(one);
    expect(clients.opened(IpAddress.parse('2001:db8:0:2::1'))).not.to.equal(one);
    expect(clients.opened(A)).not.to.equal(clients.opened(B));
  });

  it('are forgotten with their last connection, wherever in a bucket they are', () => {
    const { clients } = table({});
    const all = Array.from({ length: 20_000 }, (_, i) => open(clients, IpAddress.v4(0x0a00_0000 + i)));
    expect(clients.size).to.equal(20_000);
    for (const [i, client] of all.entries()) if (i % 3 !== 0) clients.closed(client);
    expect(clients.size).to.equal(Math.ceil(20_000 / 3));
    for (const [i, client] of all.entries()) if (i % 3 === 0) clients.closed(client);
    expect(clients.size).to.equal(0);
    expect(open(clients, A).connections).to.equal(1);
  });

  it('may ask a burst at once, and then at their rate', () => {
    const { clients, clock } = table({ requestRate: 10, requestBurst: 5 });
    const client = open(clients, A);
    expect(asked(clients, client, 20)).to.equal(5);
    clock.now += SECOND / 10;
    expect(asked(clients, client, 20), 'a tenth of a second later').to.equal(1);
    clock.now += 10 * SECOND;
    expect(asked(clients, client, 20), 'after a long silence').to.equal(5);
  });

  it('keep to their rate over a minute, however they ask', () => {
    const { clients, clock } = table({ requestRate: 7, requestBurst: 10 });
    const client = open(clients, A);
    let granted = 0;
    for (let i = 0; i < 6_000; i++) {
      granted += asked(clients, client, 3);
      clock.now += SECOND / 100;
    }
    expect(granted).to.be.within(60 * 7, 60 * 7 + 10);
  });

  it('do not get a new burst by connecting again', () => {
    const { clients, clock } = table({ requestRate: 1, requestBurst: 5 });
    const client = open(clients, A);
    expect(asked(clients, client, 9)).to.equal(5);
    clients.closed(client);
    expect(asked(clients, open(clients, A), 9)).to.equal(0);
    clients.closed(client);
    clock.now += 5 * SECOND;
    const other = open(clients, B);
    clients.closed(other);
    expect(clients.size, 'those who could begin afresh are forgotten').to.equal(0);
  });

  it('are remembered in a bounded number', () => {
    const { clients } = table({ requestRate: 1, requestBurst: 1_000 });
    for (let i = 0; i < 70_000; i++) {
      const client = open(clients, IpAddress.v4(0x0a00_0000 + i));
      clients.mayAsk(client);
      clients.closed(client);
    }
    expect(clients.size).to.equal(65_536);
  });

  it('are bounded in unfinished requests', () => {
    const { clients } = table({ unfinishedPerClient: 2 });
    const client = open(clients, A);
    clients.began(client);
    clients.began(client);
    expect(clients.hasTooMany(client)).to.equal(false);
    clients.began(client);
    expect(clients.hasTooMany(client)).to.equal(true);
    clients.finished(client);
    expect(clients.hasTooMany(client)).to.equal(false);
  });
});
