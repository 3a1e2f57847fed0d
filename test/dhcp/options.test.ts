import { expect } from 'chai';
import { leaseOf } from '../../src/dhcp/lease.js';
import { OPTION } from '../../src/dhcp/option-codes.js';
import { Options } from '../../src/dhcp/options.js';
import { readClasslessRoutes } from '../../src/dhcp/routes.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { type Answer, addressOption, buildAnswer, LEASED, numberOption, SERVER, TYPE } from './server.js';

function message(options: number[][], rest: Partial<Answer> = {}): Uint8Array {
  return buildAnswer({
    type: TYPE.ACK,
    transaction: 7,
    hardware: '02:fa:57:00:00:02',
    yourAddress: LEASED,
    options,
    ...rest,
  });
}

function read(bytes: Uint8Array): Options | undefined {
  return Options.read(bytes, 0, bytes.length);
}

describe("a DHCP message's options", () => {
  it('are found behind padding; what stands behind the end does not count', () => {
    const bytes = message([[0], [0], addressOption(3, SERVER)]);
    const longer = new Uint8Array(bytes.length + 8);
    longer.set(bytes);
    longer.set([6, 4, 9, 9, 9, 9, 255], bytes.length);
    expect(read(longer)?.addresses(OPTION.ROUTER).map(String)).to.deep.equal([SERVER]);
    expect(read(longer)?.bytes(6)).to.equal(undefined);
  });

  it('go on in file and sname where option 52 says so, and in neither otherwise (2131-12)', () => {
    const file = addressOption(3, '192.168.1.3');
    const serverName = addressOption(6, '192.168.1.6');
    const found = (overload: number) => {
      const options = read(message([[52, 1, overload]], { file: [...file, 255], serverName: [...serverName, 255] }));
      return [3, 6].map((code) => options?.addresses(code).join());
    };
    expect(found(1)).to.deep.equal(['192.168.1.3', '']);
    expect(found(2)).to.deep.equal(['', '192.168.1.6']);
    expect(found(3)).to.deep.equal(['192.168.1.3', '192.168.1.6']);
    expect(found(0)).to.deep.equal(['', '']);
  });

  it('that come in pieces are one: options, then file, then sname (RFC 3396)', () => {
    const bytes = message(
      [
        [52, 1, 3],
        [121, 3, 24, 10, 0],
        [15, 2, 0x61, 0x62],
        [121, 2, 1, 192],
      ],
      { file: [121, 2, 168, 1, 255], serverName: [121, 1, 9, 255] },
    );
    const value = read(bytes)?.bytes(OPTION.CLASSLESS_ROUTES) ?? new Uint8Array(0);
    expect(readClasslessRoutes(value)?.map(({ network, router }) => `${network} ${router}`)).to.deep.equal([
      '10.0.1.0/24 192.168.1.9',
    ]);
    expect(read(bytes)?.text(15)).to.equal('ab');
  });

  it('that do not fit their field make the message malformed; a missing end does not', () => {
    expect(read(message([[3, 200, 1]], { endless: true }))).to.equal(undefined);
    expect(read(message([[3]], { endless: true }))).to.equal(undefined);
    expect(read(message([[52, 1, 1]], { file: [...new Array(126).fill(0), 3, 4] }))).to.equal(undefined);
    expect(read(message([addressOption(3, SERVER)], { endless: true }))?.addresses(3)).to.have.length(1);
  });

  it('of a wrong length are as if they were not there', () => {
    const options = read(
      message([
        [3, 5, 1, 2, 3, 4, 5],
        [51, 3, 1, 2, 3],
        [26, 1, 9],
        [54, 8, 1, 1, 1, 1, 2, 2, 2, 2],
      ]),
    );
    expect(options?.addresses(3)).to.deep.equal([]);
    expect([options?.uint32(51), options?.uint16(26), options?.address(54)]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('with text for people lose what a terminal would obey', () => {
    expect(read(message([[15, 6, 0x61, 0x1b, 0x5b, 0xff, 0x62, 0]]))?.text(15)).to.equal('a?[?b');
  });
});

describe('the routes of option 121', () => {
  const text = (value: number[]) =>
    readClasslessRoutes(Uint8Array.from(value))?.map(({ network, router }) => `${network} by ${router}`);

  it('have as many bytes of the prefix as it needs (RFC 3442)', () => {
    expect(text([0, 10, 0, 0, 1, 25, 10, 1, 2, 128, 10, 0, 0, 2, 32, 1, 2, 3, 4, 0, 0, 0, 0])).to.deep.equal([
      '0.0.0.0/0 by 10.0.0.1',
      '10.1.2.128/25 by 10.0.0.2',
      '1.2.3.4/32 by 0.0.0.0',
    ]);
  });

  it('lose the bits behind the prefix', () => {
    expect(text([9, 10, 255, 10, 0, 0, 1])).to.deep.equal(['10.128.0.0/9 by 10.0.0.1']);
  });

  it('are malformed if the length is above 32 or bytes are missing', () => {
    expect(text([33, 1, 2, 3, 4, 5, 10, 0, 0, 1])).to.equal(undefined);
    expect(text([24, 10, 0, 0, 10, 0, 0])).to.equal(undefined);
  });

  it('are bounded', () => {
    expect(readClasslessRoutes(new Uint8Array(5 * 1000))).to.have.length(32);
  });
});

describe('the lease in a message', () => {
  const usual = [addressOption(54, SERVER), numberOption(51, 3600), addressOption(1, '255.255.255.0')];
  const lease = (options: number[][], address = LEASED) => {
    const found = read(message(options));
    return found && leaseOf(found, IpAddress.parse(address));
  };

  it('has DNS servers, domain, MTU and routes', () => {
    const found = lease([
      ...usual,
      addressOption(6, '9.9.9.9', '0.0.0.0', '1.1.1.1'),
      [15, 3, 0x6c, 0x61, 0x6e],
      [26, 2, 5, 0],
    ]);
    expect(found?.dnsServers.map(String)).to.deep.equal(['9.9.9.9', '1.1.1.1']);
    expect(found).to.include({ domain: 'lan', mtu: 1280 });
    expect(lease([...usual, [26, 2, 0, 68]])?.mtu).to.equal(0);
  });

  it('with option 121 ignores option 3; a malformed 121 is as if it were not there (RFC 3442)', () => {
    const routes = (...options: number[][]) =>
      lease([...usual, ...options])?.routes.map(({ router }) => String(router));
    expect(routes(addressOption(3, SERVER), [121, 5, 0, 10, 0, 0, 9])).to.deep.equal(['10.0.0.9']);
    expect(routes(addressOption(3, SERVER), [121, 2, 0, 10])).to.deep.equal([SERVER]);
    expect(routes()).to.deep.equal([]);
  });

  it('without a mask has the length of its class; with holes in the mask it is no lease', () => {
    const [server, time] = usual;
    const length = (address: string) => lease([server ?? [], time ?? []], address)?.network.prefixLength;
    expect(['10.0.0.5', '172.16.0.5', '192.168.0.5'].map(length)).to.deep.equal([8, 16, 24]);
    expect(lease([server ?? [], time ?? [], addressOption(1, '255.0.255.0')])).to.equal(undefined);
    expect(lease([server ?? [], time ?? [], addressOption(1, '0.0.0.0')])).to.equal(undefined);
  });

  for (const address of ['0.0.0.0', '127.0.0.1', '224.0.0.5', '255.255.255.255', '192.168.1.0', '192.168.1.255']) {
    it(`is none for ${address}, which no host can have`, () => {
      expect(lease(usual, address)).to.equal(undefined);
    });
  }

  it('is none without a server, without a time, and for less than ten seconds', () => {
    const [server, time, mask] = usual as [number[], number[], number[]];
    expect(lease([time, mask])).to.equal(undefined);
    expect(lease([server, mask])).to.equal(undefined);
    expect(lease([server, numberOption(51, 9), mask])).to.equal(undefined);
    expect(lease([server, numberOption(51, 10), mask])).to.include({ leaseSeconds: 10 });
  });
});
