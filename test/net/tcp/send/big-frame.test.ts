import { expect } from 'chai';
import { ORDINARY_FRAME } from '../../../../src/net/tcp/send/big-frame.js';
import { pattern, sendAll, TcpWorld } from '../../../support/tcp-world.js';

const MEBIBYTE = pattern(1024 * 1024, 7);
const HEADERS = 14 + 20 + 20 + 12;

/** A server that sends super-segments of 256 KiB; `lose` says which of the big ones are lost. */
function connect(lose: (nth: number) => boolean) {
  const sizes: number[] = [];
  let big = 0;
  const world = new TcpWorld({
    tcp: { initialWindowSegments: 1000, receiveBufferBytes: 2 ** 20 },
    link: {
      offload: 'whole',
      superSegmentBytes: 262_144,
      forth: {},
      back: {
        lose: (_bytes, length) => {
          sizes.push(length - HEADERS);
          return length - HEADERS > ORDINARY_FRAME && lose(++big);
        },
      },
    },
  });
  const reports: number[] = [];
  world.server.tcp.host.device.superSegmentLost = (bytes) => reports.push(bytes);
  const [client, server] = world.open();
  const deliver = () => {
    sizes.length = 0;
    const wanted = client.bytes + MEBIBYTE.length;
    sendAll(server, MEBIBYTE);
    world.network.runUntil(() => client.bytes === wanted);
    return Math.max(...sizes);
  };
  return { deliver, reports };
}

describe('tcp: super-segments beyond 64 KiB', () => {
  it('none gets through: the device hears of it, and the connection keeps below', () => {
    const { deliver, reports } = connect(() => true);
    deliver();
    expect(reports.length).to.be.greaterThan(0);
    expect(Math.min(...reports)).to.be.greaterThan(ORDINARY_FRAME);
    expect(deliver()).to.be.at.most(ORDINARY_FRAME);
  });

  it('one is lost after others arrived: only this connection keeps below', () => {
    const { deliver, reports } = connect((nth) => nth === 3);
    expect(deliver()).to.be.greaterThan(ORDINARY_FRAME);
    deliver();
    expect(deliver()).to.be.at.most(ORDINARY_FRAME);
    expect(reports).to.deep.equal([]);
  });

  it('a smaller one that is lost says nothing', () => {
    const { deliver, reports } = connect(() => false);
    expect(deliver()).to.be.greaterThan(ORDINARY_FRAME);
    expect(deliver()).to.be.greaterThan(ORDINARY_FRAME);
    expect(reports).to.deep.equal([]);
  });
});
