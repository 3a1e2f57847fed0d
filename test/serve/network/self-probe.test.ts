import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { IpAddress } from '../../../src/net/wire/address.js';
import { neighborMac, probe } from '../../../src/serve/network/self-probe.js';

const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.2        0x1         0x2         02:fa:57:00:d3:b4     *        fp0
10.77.0.3        0x1         0x0         00:00:00:00:00:00     *        fp0
10.77.0.2        0x1         0x2         02:00:00:00:00:09     *        eth0
10.77.0.4        0x1         0x6         02:00:00:00:00:04     *        fp0
`;

describe('self-probe: the table of neighbours', () => {
  it('knows an address that has answered, on this interface', () => {
    expect(neighborMac(TABLE, '10.77.0.2', 'fp0')).to.equal('02:fa:57:00:d3:b4');
    expect(neighborMac(TABLE, '10.77.0.4', 'fp0')).to.equal('02:00:00:00:00:04');
  });

  it('does not take an entry without an answer, or of another interface, for one', () => {
    expect(neighborMac(TABLE, '10.77.0.3', 'fp0')).to.equal(undefined);
    expect(neighborMac(TABLE, '10.77.0.4', 'eth0')).to.equal(undefined);
    expect(neighborMac('', '10.77.0.2', 'fp0')).to.equal(undefined);
  });
});

/** Over ::1 there is no ARP, so that the layers above it can be tried without privileges. */
describe('self-probe: the layers', () => {
  const loopback = IpAddress.parse('::1');
  let server: Server | undefined;

  afterEach(async () => {
    if (server?.listening) await new Promise((resolve) => server!.close(resolve));
    server = undefined;
  });

  async function listen(this: Mocha.Context, made: Server): Promise<number> {
    server = made;
    await new Promise<void>((resolve, reject) => {
      made.once('error', reject);
      made.listen(0, '::1', resolve);
    }).catch((error: Error) => {
      this.test!.title += ` (skipped: no IPv6 loopback, ${error.message})`;
      this.skip();
    });
    return (made.address() as AddressInfo).port;
  }

  async function layers(port: number, host = loopback) {
    const steps = await probe({ interfaceName: 'lo', host, address: loopback, port });
    return steps.map(({ layer, passed }) => `${layer} ${passed ? 'passed' : 'failed'}`);
  }

  it('pass, up to HTTP, when all is well', async function () {
    const port = await listen.call(
      this,
      createHttpServer((_request, response) => response.end('hello')),
    );
    expect(await layers(port)).to.deep.equal(['route passed', 'TCP passed', 'HTTP passed']);
  });

  it('end at HTTP when the server answers that it cannot, but not when there is no such page', async function () {
    let status = 503;
    const port = await listen.call(
      this,
      createHttpServer((_request, response) => response.writeHead(status).end()),
    );
    const steps = await probe({ interfaceName: 'lo', host: loopback, address: loopback, port });
    expect(steps.at(-1)).to.include({
      layer: 'HTTP',
      passed: false,
      detail: 'GET / is answered: 503 Service Unavailable',
    });
    status = 404;
    expect(await layers(port)).to.deep.equal(['route passed', 'TCP passed', 'HTTP passed']);
  });

  it('end at once at the step that they are at, when the server is to end', async function () {
    const port = await listen.call(this, createServer());
    const end = new AbortController();
    server!.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => end.abort()); // it is the request, which nobody answers
    });
    const steps = await probe({ interfaceName: 'lo', host: loopback, address: loopback, port, signal: end.signal });
    expect(steps.at(-1)).to.include({ layer: 'HTTP', passed: false });
    expect(steps.at(-1)?.detail).to.contain('aborted').and.not.contain('no answer');
  });

  it('end at HTTP when what answers does not speak it', async function () {
    const port = await listen.call(
      this,
      createServer((socket) => socket.on('error', () => {}).end('220 ready\r\n', () => socket.destroySoon())),
    );
    expect(await layers(port)).to.deep.equal(['route passed', 'TCP passed', 'HTTP failed']);
  });

  it('end at TCP when nobody listens', async function () {
    const port = await listen.call(this, createServer());
    await new Promise((resolve) => server!.close(resolve));
    expect(await layers(port)).to.deep.equal(['route passed', 'TCP failed']);
  });

  it('end at the route when the kernel would send from elsewhere', async function () {
    const port = await listen.call(this, createServer());
    expect(await layers(port, IpAddress.parse('fd77::1'))).to.deep.equal(['route failed']);
  });
});
