/** Our answers beside those of other name servers that serve the same zone: same result, flags and records. */
import { expect } from 'chai';
import { SeededRandom } from '../../src/net/random.js';
import { askAll, Judge, judgePath, programPath, signZone } from '../support/dns/judges.js';
import { differences, type Question, queryOf, seen } from '../support/dns/message.js';
import { DnsWorld, zoneOf } from '../support/dns/world.js';
import { namesNear, RICH_ZONE } from '../support/dns/zone-text.js';

const ZONE = 'example.org';
/** `DNS_QUESTIONS=10000` asks more of them. */
const QUESTIONS = Number(process.env.DNS_QUESTIONS ?? 400);
const TYPES =
  'A AAAA NS MX TXT SOA CNAME DNAME SRV DS CAA HTTPS SVCB NAPTR DNSKEY NSEC NSEC3PARAM TLSA PTR TYPE731 TYPE999';

/** Questions about names of the zone and names near them. */
function questions(count: number, seed: number): Question[] {
  const random = new SeededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[(random.nextInt32() >>> 0) % list.length]!;
  // Knot goes around a circle of aliases once more than we do, so its last record may not fit. For a name that begins
  // with * and does not exist, it leaves out a part of the proof, which NSD, BIND and we send (RFC 5155 section 7.2.5).
  const names = namesNear(RICH_ZONE, ZONE).filter(
    (name) => !/(^|\.)loop[12]\.example/.test(name) && !name.startsWith('*.'),
  );
  const types = TYPES.split(' ');
  return Array.from({ length: count }, () => {
    const edns = pick([true, true, true, false]);
    return {
      name: pick(names),
      type: pick(types),
      edns,
      dnssec: edns && pick([true, false]),
      size: pick([512, 4096, 4096]),
    };
  });
}

const SIGNED: Readonly<Record<string, readonly string[] | undefined>> = {
  'without signatures': undefined,
  'with NSEC': [],
  'with NSEC3': ['-3', '-', '-H', '0'],
  'with NSEC3, a salt and opt-out': ['-3', 'aabb', '-A', '-H', '5'],
};

describe('the DNS server beside Knot', () => {
  for (const [how, options] of Object.entries(SIGNED)) {
    it(`gives the same answers from a zone ${how}`, async function () {
      const missing = [
        ...(judgePath('knot') ? [] : ['knot']),
        ...(options && !programPath('dnssec-signzone') ? ['bind9utils'] : []),
      ];
      if (missing.length > 0) {
        console.log(`      (skipped: ${missing.join(' and ')} not installed: apt-get install ${missing.join(' ')})`);
        this.skip();
      }
      const text = options === undefined ? RICH_ZONE : signZone(ZONE, RICH_ZONE, options);
      const all = questions(QUESTIONS, 42);
      const judge = await Judge.start('knot', ZONE, text);
      try {
        const theirs = await askAll(
          judge.port,
          all.map((question) => queryOf(question)),
        );
        const world = new DnsWorld([zoneOf(text)], { payload: 4096 });
        let compared = 0;
        for (const [i, question] of all.entries()) {
          const other = theirs[i];
          if (other === undefined) continue;
          compared++;
          const ours = world.ask(queryOf(question));
          const isLimited = !question.edns || question.size === 512;
          expect(differences(seen(ours!), seen(other), isLimited), JSON.stringify(question)).to.deep.equal([]);
        }
        expect(compared).to.be.greaterThan(QUESTIONS * 0.98);
      } finally {
        await judge.stop();
      }
    });
  }
});
