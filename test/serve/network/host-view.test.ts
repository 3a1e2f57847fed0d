import { expect } from 'chai';
import {
  parseGateways,
  parseGateways6,
  parseRoutes,
  parseRoutes6,
  readHostView,
} from '../../../src/serve/network/host-view.js';

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

describe('view of the host', () => {
  it('reads routes with their little-endian words, and leaves default routes out, a VPN with two halves of one too', () => {
    const lines = parseRoutes(ROUTES).map(({ interfaceName, network }) => `${interfaceName} ${network}`);
    expect(lines).to.deep.equal(['eth0 192.0.2.0/24', 'wg0 10.0.0.0/8', 'tun1 192.168.2.1/32']);
  });

  it('reads IPv6 routes without default, link-local and multicast ones', () => {
    const lines = parseRoutes6(ROUTES6).map(({ interfaceName, network }) => `${interfaceName} ${network}`);
    expect(lines).to.deep.equal(['eth0 fd00::/64']);
  });

  it('finds the routers of default routes, the one with the least metric first', () => {
    const more = `${ROUTES}wlan0\t00000000\tFE01A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
br0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n`;
    const lines = parseGateways(more).map(({ interfaceName, address }) => `${interfaceName} ${address}`);
    expect(lines).to.deep.equal(['eth0 192.0.2.1', 'br0 192.168.1.1', 'wlan0 192.168.1.254']);
  });

  it('finds the routers of IPv6, and no default route without one', () => {
    const router =
      '00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000002 00000000 00000003     eth0\n';
    const lines = parseGateways6(ROUTES6 + router).map(({ interfaceName, address }) => `${interfaceName} ${address}`);
    expect(lines).to.deep.equal(['eth0 fe80::1']);
  });

  it('takes empty files as nothing', () => {
    expect([parseRoutes(''), parseRoutes6(''), parseGateways(''), parseGateways6('')]).to.deep.equal([[], [], [], []]);
  });

  it('sees the loopback interface of this machine', () => {
    const { interfaceNames, addresses } = readHostView();
    expect(interfaceNames).to.include('lo');
    expect(addresses.map(({ interfaceName, network }) => `${interfaceName} ${network}`)).to.include('lo 127.0.0.1/8');
  });
});
