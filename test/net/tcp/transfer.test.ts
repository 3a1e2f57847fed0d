import { expect } from 'chai';
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import { reach } from '../../support/reach.js';
import { pattern, sendAll, TcpWorld } from '../../support/tcp-world.js';

describe('tcp: transfers between two stacks', () => {
  it('moves a megabyte each way and closes in order', () => {
    const world = new TcpWorld();
    const [client, server] = world.open();
    const up = pattern(1_000_000, 3);
    const down = pattern(1_000_001, 5);
    sendAll(client, up);
    sendAll(server, down);
    world.network.runUntil(() => client.bytes === down.length && server.bytes === up.length);
    expect(client.data.equals(down)).to.equal(true);
    expect(server.data.equals(up)).to.equal(true);
    client.connection.close();
    world.network.runUntil(() => server.hasEnded);
    server.connection.close();
    world.network.runUntil(() => client.reason !== undefined && server.reason !== undefined);
    expect([client.reason, server.reason]).to.deep.equal(['closed', 'closed']);
    expect(world.client.connectionCount).to.equal(0);
    expect(world.server.connectionCount).to.equal(0);
    expect(world.server.statistics.tcp.retransmits).to.equal(0);
    expect(world.server.statistics.tcp.payloadBytesRead).to.equal(0);
  });

  it('counts each byte as acknowledged when it is, in the middle of a piece too, and neither SYN nor FIN', () => {
    const peer = reach('ESTABLISHED');
    const counted = (acknowledgment: number) => {
      peer.send('.', { ack: acknowledgment });
      return peer.stack.statistics.tcp.bytesAcknowledged;
    };
    expect(counted(1)).to.equal(0);
    peer.write(3000);
    peer.write(200);
    expect([counted(1461), counted(2921)]).to.deep.equal([1460, 2920]);
    peer.close();
    expect([counted(3201), counted(3202)]).to.deep.equal([3200, 3200]);
    expect(peer.state).to.equal('FIN-WAIT-2');
  });

  for (const loss of [0.001, 0.01, 0.03, 0.1]) {
    for (const [name, tcp] of [
      ['SACK and timestamps', {}],
      ['no SACK', { sack: false }],
      ['no options', { sack: false, timestamps: false, windowScaling: false }],
      ['NewReno', { congestionControl: 'newreno' as const }],
    ] as const) {
      it(`delivers every byte at ${loss * 100} % loss, duplication and reordering, with ${name}`, () => {
        for (let seed = 1; seed <= 3; seed++) {
          const impairment = {
            loss,
            duplication: 0.01,
            corruption: 0.005,
            reordering: 0.02,
            delay: 10 * MILLISECOND,
          };
          const world = new TcpWorld({ seed, link: { impairment }, tcp });
          const [client, server] = world.open();
          const down = pattern(500_000, seed);
          sendAll(server, down);
          server.connection.close();
          world.network.runUntil(() => client.hasEnded, 1000 * SECOND);
          expect(client.data.equals(down), `seed ${seed}`).to.equal(true);
        }
      });
    }
  }
});
