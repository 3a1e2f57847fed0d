/** A zone that has a bit of everything, for comparisons with other servers. */

/** Everything that has a rule of its own: wildcards, chains, delegations, redirections, empty names. */
export const RICH_ZONE = `
$ORIGIN example.org.
$TTL 3600
@            SOA   ns1 hostmaster 2026010101 3600 600 604800 300
             NS    ns1
             NS    ns2.example.org.
             NS    ns.other.net.
             MX    10 mail
             MX    20 mail.sub.example.org.
             MX    30 gone
             TXT   "v=spf1 -all" "second string"
             CAA   0 issue "ca.example.net"
             A     192.0.2.1
             AAAA  2001:db8::1
ns1          A     192.0.2.2
             AAAA  2001:db8::2
ns2          A     192.0.2.3
mail         A     192.0.2.4
www          CNAME web
web          A     192.0.2.5
             A     192.0.2.6
             AAAA  2001:db8::5
             HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.5
chain1       CNAME chain2
chain2       CNAME chain3.example.org.
chain3       CNAME web
loop1        CNAME loop2
loop2        CNAME loop1
dangling     CNAME nowhere
out          CNAME www.other.net.
tosub        CNAME host.sub
tow          CNAME anything.wild
todname      CNAME x.redirect
_sip._tcp    SRV   0 5 5060 web
             SRV   1 5 5060 other.example.net.
a.b.c.deep   A     192.0.2.7
*.wild       A     192.0.2.8
             TXT   "wild"
             MX    5 mail
exists.wild  TXT   "only text"
below.exists.wild A 192.0.2.9
*.cwild      CNAME web
*.mwild      CNAME nowhere
sub          NS    ns.sub
             NS    ns1
             NS    ns.other.net.
ns.sub       A     192.0.2.10
             AAAA  2001:db8::10
host.sub     A     192.0.2.11
mail.sub     A     192.0.2.12
signed       NS    ns.signed
signed       DS    12345 13 2 e2d3c916f6deeac73294e8268fb5885044a833fc5459588f4a9184cfc41a5766
ns.signed    A     192.0.2.13
far          NS    ns.far.net.
redirect     DNAME target
redirect     TXT   "beside"
a.target     A     192.0.2.14
*.target     TXT   "by wildcard"
outside      DNAME other.net.
svc          SVCB  0 web
svc2         SVCB  1 web port=8443
             A     192.0.2.15
naptr        NAPTR 100 10 "S" "SIP+D2T" "" _sip._tcp
tlsa         TLSA  3 1 1 0d6fce3c2b2b0c9f0a0c4b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091
ssh          SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
hinfo        HINFO "PC" "Linux"
loc          LOC   52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
unknown      TYPE731 \\# 6 abcdef012345
rp           RP    hostmaster.example.org. txt
many         TXT   "${'a'.repeat(200)}" "${'b'.repeat(200)}"
             TXT   "${'c'.repeat(200)}" "${'d'.repeat(200)}"
             TXT   "${'e'.repeat(200)}" "${'f'.repeat(200)}"
UPPER        A     192.0.2.16
odd\\.dot     A     192.0.2.17
odd\\032space A     192.0.2.18
`;

const WORDS = [
  'www',
  'web',
  'mail',
  'ns1',
  'sub',
  'host',
  'wild',
  'exists',
  'below',
  'a',
  'b',
  'c',
  'deep',
  'x',
  'zz',
  '*',
];

/** Names of the zone, names near them, and names that are not there. */
export function namesNear(zoneText: string, origin: string): string[] {
  const owners = [...zoneText.matchAll(/^(\S+)\s/gm)]
    .map(([, owner = '']) => owner)
    .filter((owner) => !owner.startsWith('$'));
  const names = new Set<string>([origin, `outside.${origin.split('.').at(-1)}`, 'org', 'com']);
  for (const owner of owners) {
    if (owner.includes('\\')) continue;
    const name = owner === '@' ? origin : `${owner}.${origin}`;
    names.add(name);
    const labels = name.split('.');
    for (let i = 1; i < labels.length; i++) names.add(labels.slice(i).join('.'));
    for (const word of WORDS) {
      names.add(`${word}.${name}`);
      names.add(`${word}.below.${name}`);
      if (owner !== '@') names.add(`${owner}${word.replace('*', 'q')}.${origin}`);
    }
  }
  names.delete('');
  return [...names];
}
