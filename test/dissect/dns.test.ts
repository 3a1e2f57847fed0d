/** DNS messages of our own server, field by field as tshark reads them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makePcap } from '../support/captures.js';
import { programPath, signZone } from '../support/dns/judges.js';
import { queryOf } from '../support/dns/message.js';
import { DnsWorld, zoneOf } from '../support/dns/world.js';
import { RICH_ZONE } from '../support/dns/zone-text.js';
import { ethernet, ipv4 } from '../support/packets.js';
import { compareFields, hasTshark, sharedFields } from '../support/tshark.js';
import { datagram } from '../support/udp-world.js';

const [CLIENT, SERVER] = ['192.0.2.1', '192.0.2.2'];
const MAC = '02:00:00:00:00:01';
const MORE = `
minfo   MINFO host mailbox
apl     APL 1:192.0.2.0/24 !2:2001:db8::/32
cert    CERT PKIX 1 RSASHA256 AQIDBA==
kx      KX 10 mail
afsdb   AFSDB 1 mail
spf     SPF "v=spf1 -all"
pgp     OPENPGPKEY AQIDBA==
smime   SMIMEA 3 1 1 0102
zonemd  ZONEMD 1 1 1 ${'ab'.repeat(48)}
csync   CSYNC 66 3 A NS AAAA
`;

/** The fields that are ours alone, or that tshark shows in another form. */
const OURS_ALONE =
  /^dns\.(openpgpkey|data$|opt\.(data|cookie\.server)|type_bitmap|rrsig\.(expiration|inception)|uri\.|nsec3\.next_hash|apl\.afdpart\.data|opt\.client\.addr|length$|srv\.target)/;
/** Where it shows another number of them: flags in queries, types in NSEC, bytes with another name in some records. */
const OTHER_IN = /^dns\.(resp\.(name|type)$|flags\.|caa\.value|tlsa\.|zonemd\.digest|csync\.)/;

function frames(): Uint8Array[] {
  const zone = `${RICH_ZONE}${MORE}`;
  const text = programPath('dnssec-signzone') === undefined ? zone : signZone('example.org', zone);
  const world = new DnsWorld([zoneOf(text)], { payload: 4096 });
  const names =
    'www web _sip._tcp hinfo loc naptr tlsa ssh rp svc svc2 outside redirect minfo apl cert kx afsdb spf pgp'.split(
      ' ',
    );
  names.push('smime', 'zonemd', 'csync', 'nothing', 'signed', 'sub', 'many', 'x.redirect', 'unknown');
  const types = 'A AAAA MX TXT SOA NS SRV HINFO LOC NAPTR TLSA SSHFP RP SVCB HTTPS DNAME CAA DNSKEY DS'.split(' ');
  types.push(...'MINFO APL CERT KX AFSDB SPF OPENPGPKEY SMIMEA ZONEMD CSYNC TYPE731 NSEC'.split(' '));
  const asked = ['', ...names.map((name) => `${name}.`)].flatMap((name) =>
    types.map((type) => queryOf({ name: `${name}example.org`, type, edns: true, dnssec: true, size: 4096 })),
  );
  const cookie = queryOf({ name: 'web.example.org', type: 'A', edns: true, dnssec: false });
  cookie.writeUInt16BE(12, cookie.length - 2);
  asked.push(Buffer.concat([cookie, Buffer.from('000a00080102030405060708', 'hex')]));
  return asked.flatMap((query) => {
    const answer = world.ask(query);
    if (answer === undefined) throw new Error('no answer');
    return [packet(CLIENT, SERVER, [5353 + 1, 53], query), packet(SERVER, CLIENT, [53, 5353 + 1], answer)];
  });
}

function packet(source: string, destination: string, ports: readonly [number, number], data: Uint8Array): Uint8Array {
  const payload = datagram(source, destination, ports, data);
  return ethernet(MAC, MAC, 0x0800, ipv4({ protocol: 17, source, destination, payload }));
}

describe('dissection of DNS', () => {
  it('agrees with tshark, field by field, about what our server says', async function () {
    if (!hasTshark()) {
      console.log('      (skipped: no tshark on this machine)');
      this.skip();
    }
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-dns-'));
    try {
      const path = join(folder, 'dns.pcap');
      writeFileSync(path, makePcap(frames().map((bytes, i) => ({ seconds: 1_700_000_000 + i, fraction: 0, bytes }))));
      const { differences, compared, problems } = await compareFields(
        path,
        sharedFields(/^dns\./, OURS_ALONE),
        OTHER_IN,
      );
      expect(problems).to.deep.equal([]);
      expect(differences).to.deep.equal([]);
      expect(compared.size).to.be.greaterThan(100);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
