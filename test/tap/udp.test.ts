/** UDP against the machine's own kernel: node:dgram on one side of a TAP, a stack on the other. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { expect } from 'chai';
import dnsPacket from 'dns-packet';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { ImpairedDevice } from '../../src/net/device/impaired.js';
import type { ImpairmentOptions } from '../../src/net/device/impairment.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { EventLoopDriver } from '../../src/net/driver/event-loop.js';
import { SystemRandom } from '../../src/net/driver/system-random.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import type { Datagram } from '../../src/net/udp/datagram.js';
import type { UdpPort } from '../../src/net/udp/udp-port.js';
import { IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { createDatagramSocket, type FastDatagramSocket } from '../../src/socket/index.js';
import { hostAddressesReady } from '../support/host-addresses.js';
import { describeInNamespace } from '../support/namespace.js';
import { pattern } from '../support/packets.js';
import { refusal } from '../support/refusal.js';
import { needs, run } from '../support/serve-process.js';
import { sendUntil, until } from '../support/until.js';

const HOST = '10.77.9.1';
const OURS = '10.77.9.2';
const HOST_6 = 'fd77:9::1';
const OURS_6 = 'fd77:9::2';
const SIZES = [1, 2, 511, 1452, 1453, 1472, 1473, 9000, 65_507];

const GREETING = 'first';

/** Sends back what came. */
const ECHO = {
  received: (datagram: Datagram, port: UdpPort) =>
    void port.reply(port.compose().add(summed(datagram.copy())), datagram),
};

describeInNamespace(import.meta.url, 'UDP on a real interface', () => {
  let device: TapDevice;
  let driver: EventLoopDriver;
  let stack: Stack;
  let started = false;
  const sockets: Socket[] = [];

  function start(options: { offload?: boolean; impairment?: ImpairmentOptions } = {}): void {
    device = TapDevice.open({ name: 'tapu', offload: options.offload ?? true });
    const host = new HostInterface('tapu');
    for (const setting of ['accept_dad', 'disable_ipv6']) writeFileSync(`/proc/sys/net/ipv6/conf/tapu/${setting}`, '0');
    host.addAddress(IpNetwork.parse(`${HOST}/24`));
    host.up();
    host.addAddress(IpNetwork.parse(`${HOST_6}/64`));
    driver = new EventLoopDriver();
    const { impairment } = options;
    const random = new SeededRandom(7);
    const link =
      impairment === undefined
        ? device
        : new ImpairedDevice(device, { clock: driver.clock, random, outgoing: impairment, incoming: impairment });
    stack = createStack({
      device: link,
      clock: driver.clock,
      random: new SystemRandom(),
      addresses: [IpNetwork.parse(`${OURS}/24`), IpNetwork.parse(`${OURS_6}/64`)],
      internet: { duplicateDetection: 'off' },
    });
    driver.start(stack, link);
    stack.start();
    started = true;
  }

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
    if (!started) return; // the test was skipped
    driver.stop();
    device.close();
    started = false;
  });

  async function linux(type: 'udp4' | 'udp6', port = 0, address?: string): Promise<Socket> {
    if (type === 'udp6') await hostAddressesReady('tapu');
    const socket = createSocket(type);
    sockets.push(socket);
    socket.bind(port, address);
    await once(socket, 'listening');
    return socket;
  }

  for (const offload of [true, false]) {
    for (const [type, address] of [
      ['udp4', OURS],
      ['udp6', OURS_6],
    ] as const) {
      const how = offload ? 'with' : 'without';
      it(`Linux asks over ${type} ${how} offload: 1 to 65,507 bytes come back, in fragments if need be`, async () => {
        start({ offload });
        stack.bind(7, ECHO);
        const socket = await linux(type);
        for (const size of SIZES) {
          const bytes = pattern(size, size);
          const [message, from] = await answerTo(socket, () => socket.send(bytes, 7, address), size);
          expect(Buffer.compare(message, bytes), `${size} bytes`).to.equal(0);
          expect(from).to.include({ address, port: 7, size });
        }
        expect(stack.statistics.udp).to.include({ badChecksum: 0, malformed: 0 });
        expect(stack.statistics.udp.delivered).to.be.at.least(SIZES.length);
      });
    }
  }

  it('we ask Linux: 1 to 65,507 bytes come back, in both families', async () => {
    start();
    for (const [type, address] of [
      ['udp4', HOST],
      ['udp6', HOST_6],
    ] as const) {
      const server = await linux(type, 7001, address);
      server.on('message', (message, from) => server.send(message, from.port, from.address));
      const ours = createDatagramSocket(stack, type);
      for (const size of SIZES) {
        const bytes = pattern(size, size);
        const [message] = await answerTo(ours, () => ours.send(bytes, 7001, address), size);
        expect(Buffer.compare(message, bytes), `${size} bytes`).to.equal(0);
      }
      ours.close();
    }
  });

  it('Linux sends many datagrams as one frame (USO), and a handler gets each of them, in both families', async function () {
    needs(this, 'python3');
    const [major = 0, minor = 0] = release().split('.').map(Number);
    if (major < 6 || (major === 6 && minor < 2)) {
      this.test!.title += ` (Linux ${release()} does not offer it: 6.2 does)`;
      this.skip();
    }
    start();
    const got: Uint8Array[] = [];
    let greetings = 0;
    const received = (datagram: Datagram) => {
      const bytes = datagram.copy();
      if (bytes.length === GREETING.length) greetings++;
      else got.push(bytes);
    };
    stack.bind(7, { received });
    for (const [family, address] of [
      ['AF_INET', OURS],
      ['AF_INET6', OURS_6],
    ] as const) {
      const ask = await linux(family === 'AF_INET' ? 'udp4' : 'udp6'); // the neighbour is known afterwards
      await sendUntil(
        () => ask.send(GREETING, 7, address),
        () => greetings > 0,
      );
      greetings = 0;
      const before = stack.statistics.internet.ip.delivered;
      const program = [
        'import socket',
        `s = socket.socket(socket.${family}, socket.SOCK_DGRAM)`,
        's.setsockopt(socket.IPPROTO_UDP, 103, 1000)', // UDP_SEGMENT
        `s.sendto(bytes(i % 251 for i in range(9500)), ("${address}", 7))`,
      ];
      const { code, stderr } = await run('python3', ['-c', program.join('\n')]);
      expect(code, stderr).to.equal(0);
      await until(() => got.length === 10);
      expect(got.map(({ length }) => length)).to.deep.equal([...new Array<number>(9).fill(1000), 500]);
      expect(Buffer.concat(got)).to.deep.equal(Buffer.from(Array.from({ length: 9500 }, (_, i) => i % 251)));
      expect(stack.statistics.internet.ip.delivered - before).to.equal(1);
      got.splice(0);
    }
    expect(stack.statistics.udp).to.include({ badChecksum: 0, malformed: 0 });
  });

  it('a closed port of ours refuses Linux, and a closed port of Linux refuses us', async () => {
    start();
    for (const [type, host, ours] of [
      ['udp4', HOST, OURS],
      ['udp6', HOST_6, OURS_6],
    ] as const) {
      const socket = await linux(type);
      socket.connect(9, ours);
      await once(socket, 'connect');
      expect(await refusal(socket)).to.include({ code: 'ECONNREFUSED' });
      const own = createDatagramSocket(stack, type);
      own.connect(9, host);
      expect(await refusal(own)).to.include({ code: 'ECONNREFUSED', syscall: 'recvmsg' });
      own.close();
    }
  });

  it('Linux takes a datagram of ours without a checksum over IPv4', async () => {
    start();
    const own = stack.bind(0, ECHO, { omitsChecksum: true });
    const server = await linux('udp4', 7002, HOST);
    const [message] = await answerTo(server, () => own.send(summed(pattern(33)), IpAddress.parse(HOST), 7002), 33);
    expect(message.length).to.equal(33);
  });

  it('groups and broadcasts cross in both directions', async () => {
    start();
    const heard = new Set<string>();
    const port = stack.bind(5353, { received: (datagram) => void heard.add(String(datagram.destinationAddress)) });
    port.join(IpAddress.parse('239.7.7.7'));
    port.join(IpAddress.parse('ff02::77'));
    const socket = await linux('udp4', 5353);
    const socket6 = await linux('udp6', 5354);
    socket.setBroadcast(true);
    socket.setMulticastInterface(HOST);
    socket.addMembership('239.7.7.7', HOST);
    socket6.setMulticastInterface('::%tapu');
    // What is sent may be lost: the interface came up a moment ago, and queues are short.
    const sendAll = () => {
      socket.send('x', 5353, '10.77.9.255');
      socket.send('x', 5353, '239.7.7.7');
      socket6.send('x', 5353, 'ff02::77%tapu');
    };
    await sendUntil(sendAll, () => heard.size === 3);
    expect([...heard].sort()).to.deep.equal(['10.77.9.255', '239.7.7.7', 'ff02::77']);
    port.allowsBroadcast = true;
    const arrived = new Set<string>();
    socket.on('message', (message, { address }) => address === OURS && arrived.add(String(message)));
    const groups = ['10.77.9.255', '239.7.7.7'];
    const sendOurs = () => {
      for (const to of groups) port.send(summed(Buffer.from(to)), IpAddress.parse(to), 5353);
    };
    await sendUntil(sendOurs, () => arrived.size === 2);
    expect([...arrived].sort()).to.deep.equal(groups);
  });

  it('dns-packet asks across: Linux asks us, and we ask Linux', async () => {
    start();
    const answerOf = (message: Uint8Array) => {
      const { id, questions } = dnsPacket.decode(Buffer.from(message));
      const answers = [{ name: questions![0]!.name, type: 'AAAA' as const, ttl: 5, data: '2001:db8::1' }];
      return dnsPacket.encode({ type: 'response', id, questions, answers });
    };
    stack.bind(53, { received: (query, port) => void port.reply(summed(answerOf(query.copy())), query) });
    const questions = [{ name: 'example.org', type: 'AAAA' as const }];
    const client = await linux('udp4');
    const query = dnsPacket.encode({ type: 'query', id: 77, questions });
    const [message] = await answerTo(client, () => client.send(query, 53, OURS));
    expect(dnsPacket.decode(message)).to.include({ id: 77, type: 'response' });
    const server = await linux('udp4', 53, HOST);
    server.on('message', (query, from) => server.send(answerOf(query), from.port, from.address));
    const ours = createDatagramSocket(stack, 'udp4');
    const next = dnsPacket.encode({ type: 'query', id: 78, questions });
    const [answer] = await answerTo(ours, () => ours.send(next, 53, HOST));
    expect(dnsPacket.decode(answer).answers![0]).to.include({ data: '2001:db8::1' });
    ours.close();
  });

  it('over a link that loses, doubles and reorders, what arrives is whole', async () => {
    start({ impairment: { loss: 0.1, duplication: 0.05, reordering: 0.1, delay: 1000 } });
    stack.bind(7, ECHO);
    const socket = await linux('udp4');
    const sizes = Array.from({ length: 60 }, (_, i) => 1 + i * 97);
    const heard = new Map<number, boolean>();
    socket.on('message', (message) =>
      heard.set(message.length, Buffer.compare(message, pattern(message.length)) === 0),
    );
    // While Linux looks for our Ethernet address it keeps only a few datagrams, so it finds the address first.
    await sendUntil(
      () => socket.send(pattern(1), 7, OURS),
      () => heard.size > 0,
    );
    const sendAll = () => {
      for (const size of sizes) socket.send(pattern(size), 7, OURS);
    };
    await sendUntil(sendAll, () => heard.size >= 30); // of those in several fragments, some arrive only in part
    expect([...heard.values()]).not.to.include(false);
  });
});

function summed(bytes: Uint8Array): SummedBytes {
  return SummedBytes.plain(bytes);
}

/** The first datagram of this size, or of any, that comes when this is sent, be it once or more often. */
async function answerTo(
  socket: Socket | FastDatagramSocket,
  send: () => void,
  size?: number,
): Promise<[Buffer, { address: string; port: number; size: number }]> {
  let answer: [Buffer, { address: string; port: number; size: number }] | undefined;
  const listener = (message: Buffer, from: { address: string; port: number; size: number }) => {
    if (size === undefined || message.length === size) answer ??= [message, from];
  };
  socket.on('message', listener);
  await sendUntil(send, () => answer !== undefined).finally(() => socket.off('message', listener));
  return answer!;
}
