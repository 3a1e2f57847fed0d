import { expect } from 'chai';
import { parseMaster } from '../../src/dns/master/parser.js';
import { problemText } from '../../src/dns/master/problem.js';
import { parseName } from '../../src/dns/master/values.js';
import { nameText, ROOT } from '../../src/dns/wire/name.js';
import { typeName } from '../../src/dns/wire/types.js';

const ORIGIN = parseName('example.org', ROOT);

function parse(text: string, files: Readonly<Record<string, string>> = {}) {
  const include = (name: string) => {
    const found = files[name];
    if (found === undefined) throw new Error('no such file');
    return { file: name, text: found };
  };
  return parseMaster(text, { file: 'example.zone', origin: ORIGIN, include });
}

/** `www.example.org. 3600 A c0000201` for each record. */
function records(text: string, files: Readonly<Record<string, string>> = {}): string[] {
  const { records: found, errors } = parse(text, files);
  expect(errors.map(problemText)).to.deep.equal([]);
  return found.map(
    ({ owner, ttl, type, data }) => `${nameText(owner)} ${ttl} ${typeName(type)} ${Buffer.from(data).toString('hex')}`,
  );
}

const errorsOf = (text: string, files = {}) => parse(text, files).errors.map(problemText);

describe('a zone file', () => {
  it('gives owner, TTL and class by what stands before, in either order, in any case of letters', () => {
    const text = [
      '$TTL 1h',
      'www IN 60 A 192.0.2.1',
      '    120 in a 192.0.2.2',
      '    A 192.0.2.3 ; a comment',
      '$ORIGIN sub',
      '@ A 192.0.2.4',
      'Host.Elsewhere.example.org. A 192.0.2.5',
      '$ORIGIN example.org.',
      '$TTL 1h30m',
      'x A 192.0.2.6',
    ].join('\n');
    expect(records(text)).to.deep.equal([
      'www.example.org. 60 A c0000201',
      'www.example.org. 120 A c0000202',
      'www.example.org. 3600 A c0000203',
      'sub.example.org. 3600 A c0000204',
      'Host.Elsewhere.example.org. 3600 A c0000205',
      'x.example.org. 5400 A c0000206',
    ]);
  });

  it('takes a TTL from the record before if there is no $TTL, and that of a first SOA from its minimum', () => {
    expect(
      records('@ SOA a b 1 2 3 4 5\n  A 192.0.2.1\nx 7 A 192.0.2.2\ny A 192.0.2.3').map((line) => line.split(' ')[1]),
    ).to.deep.equal(['5', '5', '7', '7']);
  });

  it('joins lines within parentheses, and keeps what stands in quotes', () => {
    const text = '$TTL 1\n@ TXT ( "a b;c" ; comment (\n  "two\\"\\065"\n ) \n@ TXT plain\\;text';
    expect(records(text)).to.deep.equal([
      `example.org. 1 TXT ${Buffer.from('\x05a b;c\x05two"A').toString('hex')}`,
      `example.org. 1 TXT ${Buffer.from('\x0aplain;text').toString('hex')}`,
    ]);
  });

  it('includes files with an origin of their own, and goes on with the one before', () => {
    const files = { 'more.zone': 'a A 192.0.2.1\n$ORIGIN deep\nb A 192.0.2.2' };
    expect(records('$TTL 1\n$INCLUDE more.zone sub\nc A 192.0.2.3', files)).to.deep.equal([
      'a.sub.example.org. 1 A c0000201',
      'b.deep.sub.example.org. 1 A c0000202',
      'c.example.org. 1 A c0000203',
    ]);
    expect(errorsOf('$INCLUDE gone.zone')).to.deep.equal(['example.zone:1: $INCLUDE gone.zone: no such file']);
    expect(errorsOf('$INCLUDE me', { me: '$INCLUDE me' })[0]).to.equal(
      'me:1: $INCLUDE: files include each other 16 deep',
    );
  });

  it('escapes bytes of names, so that a dot may be within a label', () => {
    const { records: found } = parse('$TTL 1\nodd\\.dot\\032\\@ A 192.0.2.1');
    expect(Buffer.from(found[0]!.owner).toString('latin1')).to.equal('\x09odd.dot @\x07example\x03org\0');
    expect(nameText(found[0]!.owner)).to.equal('odd\\.dot\\032\\@.example.org.');
  });

  it('writes the data of each type as its RFC has it', () => {
    const cases: Readonly<Record<string, string>> = {
      'MX 10 mail': '000a046d61696c076578616d706c65036f726700',
      'AAAA 2001:db8::1': '20010db8000000000000000000000001',
      'SRV 1 2 5060 .': '0001000213c400',
      'TLSA 3 1 1 d2abde24 0d7cd3ee': '030101d2abde240d7cd3ee',
      'SSHFP 4 2 1234': '04021234',
      'HINFO PC "Li nux"': '025043064c69206e7578',
      'LOC 42 21 54 N 71 06 18 W -24m 30m': '0033161389172dd070be15f000988d20',
      'APL 1:192.168.32.0/21 !1:192.168.38.0/28': '00011503c0a82000011c83c0a826',
      'NSEC host A MX RRSIG NSEC TYPE1234':
        '04686f7374076578616d706c65036f7267000006400100000003041b000000000000000000000000000000000000000000000000000020',
      'NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG':
        '0101000c04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b0006400000000002',
      'DS 60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118': 'ec4505012bb183af5f22588179a53b0a98631fad1a292118',
      'NAPTR 100 50 "s" "http" "" _http._tcp':
        '006400320173046874747000055f68747470045f746370076578616d706c65036f726700',
      'SVCB 1 foo.example.org. mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1':
        '000103666f6f076578616d706c65036f7267000000000400010004000100090268320568332d313900040004c0000201',
      'SVCB 16 . alpn="f\\\\\\\\oo\\\\,bar,h2"': '0010000001000c08665c6f6f2c626172026832',
      'HTTPS 0 foo': '000003666f6f076578616d706c65036f726700',
      'URI 10 1 "ftp://a"': '000a00016674703a2f2f61',
      'EUI48 00-00-5e-00-53-2a': '00005e00532a',
      'TYPE731 \\# 6 abcd ef 01 23 45': 'abcdef012345',
      'A \\# 4 c0000201': 'c0000201',
      'CERT PKIX 1 RSASHA256 AQID': '0001000108010203',
      'DNSKEY 256 3 8 AQID': '01000308010203',
      'RRSIG A 13 2 3600 20030322173103 20030220173103 2642 example.org. AQID':
        '00010d0200000e103e7c9dd73e5510d70a52076578616d706c65036f726700010203',
      'ZONEMD 1 1 1 00ff': '00000001010100ff',
      'NID 10 0014:4fff:ff20:ee64': '000a00144fffff20ee64',
      'IPSECKEY 10 1 2 192.0.2.38 AQID': '0a0102c0000226010203',
      'AMTRELAY 10 1 1 203.0.113.15': '0a81cb00710f',
      'GPOS -32.6882 116.8652 10.0': '082d33322e36383832083131362e383635320431302e30',
    };
    for (const [text, hex] of Object.entries(cases)) {
      const [line] = records(`$TTL 1\n@ ${text}`);
      expect(line?.split(' ')[3], text).to.equal(hex);
    }
    const caa = Buffer.from('\x80\x05issueca.example.net; policy=ev', 'latin1').toString('hex');
    expect(records('$TTL 1\n@ CAA 128 issue "ca.example.net; policy=ev"')[0]?.split(' ')[3]).to.equal(caa);
  });

  it('says of each mistake where it is and what would be right, and reads on', () => {
    const text = [
      '$TTL 3600',
      'www A 1.2.3',
      'ok A 192.0.2.1',
      'a..b A 192.0.2.1',
      'x MX mail',
      'y FOO bar',
      'z A 192.0.2.1 192.0.2.2',
      'q TXT "no end',
      'far.example.com. A 192.0.2.1',
      'x CH TXT "a"',
      '$GENERATE 1-2 a A 192.0.2.$',
      't TXT ( "open"',
    ].join('\n');
    const { records: found, errors } = parse(text);
    expect(found.map(({ owner }) => nameText(owner))).to.deep.equal(['ok.example.org.']);
    expect(errors.map(problemText)).to.deep.equal([
      'example.zone:2: A needs an IPv4 address like 192.0.2.1, not "1.2.3"',
      'example.zone:4: "a..b" has an empty label: one dot stands between two labels',
      'example.zone:5: MX: a preference needs a number from 0 to 65535, not "mail"',
      'example.zone:6: "FOO" is no type; one without a name is written TYPE1234',
      'example.zone:7: A ends before "192.0.2.2": leave that out',
      'example.zone:8: a quoted string does not end: close it with "',
      'example.zone:9: far.example.com. is not within the zone example.org.: leave it out',
      'example.zone:10: class CH: only IN is served',
      'example.zone:11: $GENERATE is no control entry: there are $ORIGIN, $TTL and $INCLUDE',
      'example.zone:12: a parenthesis is open: close it with ")"',
    ]);
  });
});
