import { expect } from 'chai';
import { parseInterfaceNames, parseRoutes, parseRoutes6, readHostView } from '../../src/serve/host-view.js';

const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
wg0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
tun1\t00000000\t00000000\t0003\t0\t0\t0\t00000080\t0\t0\t0
tun1\t00000080\t00000000\t0003\t0\t0\t0\t00000080\t0\t0\t0
tun1\t0102A8C0\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
`;

const ROUTES6 = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000004 00000000 00000001     eth0
`;

const DEVICES = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1184 16 0 0 0 0 0 0 1184 16 0 0 0 0 0 0
  eth0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
eth0.5: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
`;

describe('view of the host', () => {
  it('reads routes with their little-endian words, and leaves default routes out, a VPN with two halves of one too', () => {
    const lines = parseRoutes(ROUTES).map(({ interfaceName, network }) => `${interfaceName} ${network}`);
    expect(lines).to.deep.equal(['eth0 192.0.2.0/24', 'wg0 10.0.0.0/8', 'tun1 192.168.2.1/32']);
  });

  it('reads IPv6 routes without default, link-local and multicast ones', () => {
    const lines = parseRoutes6(ROUTES6).map(({ interfaceName, network }) => `${interfaceName} ${network}`);
    expect(lines).to.deep.equal(['eth0 fd00::/64']);
  });

  it('reads the names of interfaces', () => {
    expect(parseInterfaceNames(DEVICES)).to.deep.equal(['lo', 'eth0', 'eth0.5']);
  });

  it('takes empty files as nothing', () => {
    expect([parseRoutes(''), parseRoutes6(''), parseInterfaceNames('')]).to.deep.equal([[], [], []]);
  });

  it('sees the loopback interface of this machine', () => {
    expect(readHostView().interfaceNames).to.include('lo');
  });
});
