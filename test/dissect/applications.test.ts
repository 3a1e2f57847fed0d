import { expect } from 'chai';
import { ACK } from '../../src/net/wire/tcp.js';
import { dhcpMessage, dnsServersFrame, IDENTIFIERS, ROUTES } from '../support/dhcp-frames.js';
import { segment } from '../support/exchange.js';
import {
  addressBytes,
  dissectFrames,
  dissectOne,
  ethernet,
  hex,
  ipv4,
  join,
  problemsOf,
  protocolsOf,
  tcp,
  udp,
  valuesOf,
} from '../support/layered-frames.js';

const text = (content: string) => new TextEncoder().encode(content);
const overTcp = (content: string | Uint8Array, port = 80) =>
  dissectOne(ethernet(0x0800, ipv4(6, tcp(40_000, port, content))));
const overUdp = (content: Uint8Array, from: number, to: number) =>
  dissectOne(ethernet(0x0800, ipv4(17, udp(from, to, content))));

/** A vector of TLS or DNS: its length in `bytes` bytes, then the content. */
function vector(bytes: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = join(...parts);
  return join(hex(content.length.toString(16).padStart(2 * bytes, '0')), content);
}

describe('dissector: HTTP', () => {
  it('reads every request of a segment', () => {
    const dissection = overTcp(
      'GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcHEAD /c HTTP/1.1\r\n\r\n',
    );
    expect(valuesOf(dissection, 'http.request.uri')).to.deep.equal(['/a', '/b', '/c']);
    expect(valuesOf(dissection, 'http.content_length')).to.deep.equal([3]);
    expect(dissection.summary).to.contain(': HTTP: GET /a HTTP/1.1: HTTP: POST /b HTTP/1.1: HTTP: HEAD /c HTTP/1.1');
  });

  it('reads the answers of a segment: with a length, in chunks, without a body', () => {
    const dissection = overTcp(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi' +
        'HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n' +
        'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n' +
        'HTTP/1.1 404 Not Found\r\n\r\n',
    );
    expect(valuesOf(dissection, 'http.response.code')).to.deep.equal([200, 200, 304, 404]);
  });

  it('takes the answer to HEAD for one without a body', () => {
    const dissection = overTcp('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n');
    expect(valuesOf(dissection, 'http.response.code')).to.deep.equal([200, 204]);
  });

  it('reads a field that goes on in the next line (RFC 9112 section 5.2)', () => {
    const head = 'POST / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n\r\n';
    const dissection = overTcp(
      `${head}20\r\nGET /smuggled HTTP/1.1\r\nA: b\r\n\r\n\r\n0\r\n\r\nGET /next HTTP/1.1\r\n\r\n`,
    );
    expect(valuesOf(dissection, 'http.request.uri')).to.deep.equal(['/', '/next']);
  });

  it('does not take what stands in a body for a message', () => {
    const dissection = overTcp('POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\nGET /inner HTTP/1.1\r\n\r\n1234567');
    expect(valuesOf(dissection, 'http.request.uri')).to.deep.equal(['/']);
  });

  it('reads the preface of HTTP/2 and the frames behind it, not a request', () => {
    const settings = hex('000006 04 00 00000000 000300000064');
    const dissection = overTcp(join(text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, hex('000000 08 00 00000001')));
    expect(protocolsOf(dissection)).to.equal('eth:ip:tcp:http2:http2:http2');
    expect(valuesOf(dissection, 'http2.type')).to.deep.equal([4, 8]);
    expect(valuesOf(dissection, 'http2.streamid')).to.deep.equal([0, 1]);
    expect(dissection.summary).to.match(/: HTTP\/2: preface, SETTINGS, WINDOW_UPDATE$/);
  });
});

/** A ClientHello that wants this host, over these protocols. */
function clientHello(host: string, protocols: readonly string[]): Uint8Array {
  const extension = (type: string, body: Uint8Array) => join(hex(type), vector(2, body));
  const names = vector(2, hex('00'), vector(2, text(host)));
  const alpn = vector(2, ...protocols.map((name) => vector(1, text(name))));
  const extensions = vector(
    2,
    extension('0000', names),
    extension('0010', alpn),
    extension('002b', vector(1, hex('0304 0303'))),
  );
  const body = join(
    hex('0303'),
    new Uint8Array(32),
    vector(1, new Uint8Array(32)),
    vector(2, hex('1301 c02f')),
    hex('0100'),
    extensions,
  );
  return join(hex('16 0301'), vector(2, hex('01'), vector(3, body)));
}

describe('dissector: TLS', () => {
  it('reads the host and the protocols that a client asks for', () => {
    const dissection = overTcp(clientHello('www.example.org', ['h2', 'http/1.1']), 443);
    expect(valuesOf(dissection, 'tls.handshake.extensions_server_name')).to.deep.equal(['www.example.org']);
    expect(valuesOf(dissection, 'tls.handshake.extensions_alpn_str')).to.deep.equal(['h2', 'http/1.1']);
    expect(valuesOf(dissection, 'tls.handshake.extensions.supported_version')).to.deep.equal([0x0304, 0x0303]);
    expect(valuesOf(dissection, 'tls.handshake.ciphersuite')).to.deep.equal([0x1301, 0xc02f]);
    expect(dissection.summary).to.match(/: TLS: ClientHello www\.example\.org \(h2, http\/1\.1\)$/);
    expect(dissection.place?.connection.title).to.equal('www.example.org');
  });

  it('puts the fields of a hello where their bytes are', () => {
    const hello = clientHello('host', ['h2']);
    const layer = overTcp(hello, 443).layers.find(({ protocol }) => protocol === 'tls');
    const field = layer?.fields.find(({ name }) => name === 'tls.handshake.extensions_server_name');
    const at = Buffer.from(hello).indexOf('host') + 54;
    expect([field?.from, field?.to]).to.deep.equal([at, at + 4]);
  });

  it('puts a hello together that came in several segments', () => {
    const hello = clientHello('www.example.org', ['h2']);
    const cuts = [0, 20, 90, hello.length];
    const frames = cuts.slice(1).map((end, i) => {
      const from = cuts[i] ?? 0;
      const data = hello.subarray(from, end);
      return segment({ from: 'client', flags: ACK, sequence: 1 + from, data, serverPort: 443 });
    });
    const [first, second, third] = dissectFrames(frames).map(({ summary }) => summary.replace(/.*: TLS: /, ''));
    expect([first, second, third]).to.deep.equal([
      'ClientHello',
      'more of a hello',
      'ClientHello www.example.org (h2)',
    ]);
    const last = dissectFrames(frames).at(-1);
    const field = last?.layers.flatMap(({ fields }) => fields).find(({ name }) => name.endsWith('server_name'));
    expect([field?.value, field?.from, field?.to]).to.deep.equal(['www.example.org', 54, frames.at(-1)?.length]);
    expect(last?.place?.connection.title).to.equal('www.example.org');
  });

  it('does not put together what does not follow', () => {
    const hello = clientHello('www.example.org', ['h2']);
    const part = (from: number, to: number, sequence = 1 + from) =>
      segment({ from: 'client', flags: ACK, sequence, data: hello.subarray(from, to), serverPort: 443 });
    const texts = (...frames: Uint8Array[]) =>
      dissectFrames(frames)
        .map(({ summary }) => summary)
        .join('\n');
    expect(texts(part(0, 50), part(60, hello.length))).not.to.contain('example');
    expect(texts(part(0, 50), part(0, 50), part(50, hello.length))).to.contain('example');
  });

  it('reads the records of a segment, and does not look into what is encrypted', () => {
    const dissection = overTcp(
      hex('14 0303 0001 01  16 0303 0010 01000000000000000000000000000000  17 0303 0002 aabb'),
      443,
    );
    expect(valuesOf(dissection, 'tls.record.content_type')).to.deep.equal([20, 22, 23]);
    expect(valuesOf(dissection, 'tls.handshake.type')).to.deep.equal([]);
    expect(dissection.summary).to.match(/: TLS: ChangeCipherSpec, Handshake, Application Data$/);
  });

  it('reads an alert', () => {
    expect(overTcp(hex('15 0303 0002 0228'), 443).summary).to.match(/: TLS: Alert fatal 40$/);
  });
});

const NAME = hex('03777777 076578616d706c65 03636f6d 00'); // www.example.com

describe('dissector: DNS', () => {
  it('reads a question', () => {
    const dissection = overUdp(join(hex('1267 0100 0001 0000 0000 0000'), NAME, hex('001c 0001')), 5000, 53);
    expect(valuesOf(dissection, 'dns.qry.name')).to.deep.equal(['www.example.com']);
    expect(dissection.summary).to.match(/UDP, length 33: DNS: 4711\+ AAAA\? www\.example\.com$/);
  });

  it('reads an answer, its compressed names, and EDNS', () => {
    const answers = hex(`
      c00c 0005 0001 0000003c 0006 03636e61 c010
      c02d 0001 0001 0000003c 0004 c0000201
      00 0029 04d0 00008000 0000`);
    const message = join(hex('1267 8180 0001 0002 0000 0001'), NAME, hex('0001 0001'), answers);
    const dissection = overUdp(message, 53, 5000);
    expect(valuesOf(dissection, 'dns.cname')).to.deep.equal(['cna.example.com']);
    expect(valuesOf(dissection, 'dns.a')).to.deep.equal(['192.0.2.1']);
    expect(valuesOf(dissection, 'dns.rr.udp_payload_size')).to.deep.equal([1232]);
    expect(dissection.summary).to.match(/DNS: 4711 2\/0\/1 CNAME cna\.example\.com, A 192\.0\.2\.1$/);
    expect(problemsOf(dissection)).to.deep.equal([]);
  });

  it('says that a name does not exist', () => {
    const message = join(hex('0001 8583 0001 0000 0000 0000'), NAME, hex('0001 0001'));
    expect(overUdp(message, 53, 5000).summary).to.match(
      /DNS: 1\* NXDomain 0\/0\/0 A\? www\.example\.com$|DNS: 1\* NXDomain 0\/0\/0/,
    );
  });

  it('ends at a name that points to itself', () => {
    const dissection = overUdp(hex('0001 0100 0001 0000 0000 0000 c00c 0001 0001'), 5000, 53);
    expect(problemsOf(dissection)).to.deep.equal(['the name at byte 12 makes no sense']);
  });

  it('reads UTF-8 in a name of multicast DNS, and escapes a dot within a label', () => {
    const name = join(vector(1, text('J\u00f6rg.s')), vector(1, text('local')), hex('00'));
    const dissection = overUdp(join(hex('0000 0000 0001 0000 0000 0000'), name, hex('000c 0001')), 5353, 5353);
    expect(valuesOf(dissection, 'dns.qry.name')).to.deep.equal(['J\u00f6rg\\.s.local']);
  });

  it('reads a message over TCP, and multicast DNS', () => {
    const message = join(hex('1267 0100 0001 0000 0000 0000'), NAME, hex('0001 0001'));
    expect(valuesOf(overTcp(vector(2, message), 53), 'dns.qry.name')).to.deep.equal(['www.example.com']);
    expect(overUdp(message, 5353, 5353).summary).to.contain(': mDNS: ');
  });
});

describe('dissector: DNS over TCP', () => {
  it('reads all messages of a segment, with their lengths (RFC 7766 section 6.2.1.1)', () => {
    const message = join(hex('1267 0100 0001 0000 0000 0000'), NAME, hex('0001 0001'));
    const dissection = overTcp(join(vector(2, message), vector(2, message), hex('00')), 53);
    expect(valuesOf(dissection, 'dns.length')).to.deep.equal([33, 33]);
    expect(valuesOf(dissection, 'dns.qry.name')).to.deep.equal(['www.example.com', 'www.example.com']);
    expect(problemsOf(dissection)).to.deep.equal([]);
  });
});

describe('dissector: DHCP', () => {
  it('reads who asks for what, and what is given', () => {
    const fixed = join(hex('02 01 06 00 3903f326 0000 8000 00000000'), addressBytes('10.0.0.5'), new Uint8Array(8));
    const hardware = join(hex('020000000001'), new Uint8Array(10 + 64 + 128));
    const options = hex('63825363 350105 3304 00000e10 3604 0a000001 0103 ffffff 0c01 61 ff');
    const dissection = overUdp(join(fixed, hardware, options), 67, 68);
    expect(valuesOf(dissection, 'dhcp.option.dhcp')).to.deep.equal([5]);
    expect(valuesOf(dissection, 'dhcp.option.ip_address_lease_time')).to.deep.equal([3600]);
    expect(dissection.summary).to.match(
      /DHCP: ACK to 02:00:00:00:00:01, address 10\.0\.0\.5, lease 3600 s, server 10\.0\.0\.1, host a$/,
    );
    expect(problemsOf(dissection)).to.deep.equal([]);
  });

  it('reads times, sizes and wishes, and the options in file and server name where they are overloaded', () => {
    const fixed = join(hex('02 01 06 00 3903f326 0000 8000 00000000'), addressBytes('10.0.0.5'), new Uint8Array(8));
    const padded = (bytes: Uint8Array, length: number) => join(bytes, new Uint8Array(length - bytes.length));
    const fields = join(
      padded(hex('020000000001'), 16),
      padded(hex('3b04 00000c4e ff'), 64),
      padded(hex('1a02 0500 ff'), 128),
    );
    const options = hex(
      '63825363 350105 340103 3a04 00000708 3902 05c0 3703 010379 3802 6f6b 1c04 0a0000ff 2a04 0a000002 ff',
    );
    const dissection = overUdp(join(fixed, fields, options), 67, 68);
    const value = (name: string) => valuesOf(dissection, `dhcp.option.${name}`);
    expect(value('renewal_time_value')).to.deep.equal([1800]);
    expect(value('rebinding_time_value')).to.deep.equal([3150]);
    expect(value('interface_mtu')).to.deep.equal([1280]);
    expect(value('dhcp_max_message_size')).to.deep.equal([1472]);
    expect(value('request_list_item')).to.deep.equal([1, 3, 121]);
    expect(value('broadcast_address')).to.deep.equal(['10.0.0.255']);
    expect(value('ntp_server')).to.deep.equal(['10.0.0.2']);
    expect(dissection.summary).to.match(/ACK to 02:00:00:00:00:01, address 10\.0\.0\.5, says ok, MTU 1280$/);
    expect(problemsOf(dissection)).to.deep.equal([]);
  });

  it('reads client identifiers of every kind: an Ethernet address, bytes of its own, a DUID of four types', () => {
    const of = (options: string) => {
      const dissection = overUdp(dhcpMessage(options), 68, 67);
      expect(valuesOf(dissection, 'dhcp.option.value'), 'raw bytes').to.deep.equal([]);
      expect(problemsOf(dissection)).to.deep.equal([]);
      const fields = dissection.layers.flatMap((layer) => layer.fields);
      const from = fields.findIndex(({ name }) => name === 'dhcp.client_id.type');
      return fields.slice(from, -1).map(({ value }) => value);
    };
    expect(IDENTIFIERS.map(of)).to.deep.equal([
      [1, '02:00:00:00:00:01'],
      [0, '77656231'],
      [255, '00000007', 1, 1, 0x2a3b4c5d, '02:00:00:00:00:01'],
      [255, '00000007', 3, 1, '02:00:00:00:00:01'],
      [255, '00000007', 2, 0xab11, '010203040506'],
      [255, '00000007', 4, '00112233-4455-6677-8899-aabbccddeeff'],
    ]);
    expect(of('3d03 ff 0000'), 'no room for a DUID').to.deep.equal([255, '0000']);
    expect(of('3d07 ff 00000007 0004'), 'a DUID without a body').to.deep.equal([255, '00000007', 4]);
  });

  it('reads classless routes; what is not whole routes stays raw', () => {
    const of = (options: string) => overUdp(dhcpMessage(options), 68, 67);
    const routes = of(ROUTES)
      .layers.flatMap(({ fields }) => fields)
      .filter(({ name }) => name === 'dhcp.option.classless_static_route');
    expect(routes.map(({ value, display }) => [value, display])).to.deep.equal([
      ['00c0a80101', '0.0.0.0/0 by 192.168.1.1'],
      ['080ac0a80102', '10.0.0.0/8 by 192.168.1.2'],
      ['110a0980c0a80103', '10.9.128.0/17 by 192.168.1.3'],
      ['18ac100000000000', '172.16.0.0/24 by 0.0.0.0'],
    ]);
    expect(of(ROUTES).summary).to.match(/route 0\.0\.0\.0\/0 by 192\.168\.1\.1 and 3 more$/);
    for (const [option, value] of [
      ['7905 21 c0a80101', '21c0a80101'],
      ['7904 08 0a c0a8', '080ac0a8'],
    ] as const) {
      expect(valuesOf(of(option), 'dhcp.option.value')).to.deep.equal([value]);
      expect(valuesOf(of(option), 'dhcp.option.classless_static_route')).to.deep.equal([]);
    }
  });
});

describe('dissector: router advertisements', () => {
  it('read the DNS servers that a router names, and their lifetime (RFC 8106)', () => {
    const dissection = dissectOne(dnsServersFrame());
    expect(valuesOf(dissection, 'icmpv6.opt.rdnss.lifetime')).to.deep.equal([600]);
    expect(valuesOf(dissection, 'icmpv6.opt.rdnss')).to.deep.equal(['fd50::53', 'fd50::54']);
    expect(valuesOf(dissection, 'icmpv6.opt.mtu')).to.deep.equal([1500]);
    expect(problemsOf(dissection)).to.deep.equal([]);
  });
});
