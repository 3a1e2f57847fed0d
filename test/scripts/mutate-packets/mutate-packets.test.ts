/**
 * Spoiled packets of the stack: the runner notices each one that its rules speak of. `npm run mutate:packets` does
 * more.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type CampaignResult, runCampaign } from '../../../scripts/mutate-packets/campaign.js';
import { MUTATIONS } from '../../../scripts/mutate-packets/mutations.js';
import { type Shot, voidReason } from '../../../scripts/mutate-packets/void-rules.js';
import { parseScript } from '../../../src/packetdrill/language/parser.js';
import { findScripts, runSource } from '../../../src/packetdrill/run/script-files.js';
import { parseFrame } from '../../../src/packetdrill/wire/live-packet.js';

const FOLDER = fileURLToPath(new URL('../../../../test/packets', import.meta.url));

const STRICT = { strict: true, stamps: true };
const LENIENT = { strict: false, stamps: false };

function campaign(strict: boolean, count: number, rules = strict ? STRICT : LENIENT): CampaignResult {
  // Every eighth script, and those about ICMP: to run them all takes long on a small machine.
  const paths = findScripts([FOLDER]).filter((path, index) => index % 8 === 0 || path.includes('/icmp/echo'));
  return runCampaign({ paths, profile: 'linux', ipVersions: ['ipv4', 'ipv6'], strict, count, rules, seed: 20 });
}

/** What the stack sends in one of our scripts. */
function framesOf(name: string): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const tamper = (frame: Uint8Array) => {
    frames.push(frame);
    return [{ frame, delay: 0 }];
  };
  const source = readFileSync(`${FOLDER}/${name}`, 'utf8');
  runSource(name, source, 'ipv4', {
    profile: 'linux',
    ipVersions: ['ipv4'],
    definitions: new Map(),
    overrides: {},
    seed: 1,
    tamper,
  });
  return frames;
}

/** A segment that a script mentions with this line. */
function shot(line: string, more: Partial<Shot> = {}): Shot {
  const action = parseScript('t.pkt', line).events[0]?.action;
  if (action?.kind !== 'packet') throw new Error(`no packet: ${line}`);
  return {
    frame: new Uint8Array(0),
    expected: action,
    isPart: false,
    anyTime: false,
    firstSyn: false,
    firstStamp: false,
    followed: true,
    stampFollowed: true,
    ecnCapable: false,
    ...more,
  };
}

describe('packetdrill: spoiled packets', () => {
  it('are noticed in our own scripts, each mutation three times', () => {
    const { run, escapes, byMutation } = campaign(true, 3 * MUTATIONS.length);
    expect(escapes).to.deep.equal([]);
    expect(run).to.equal(3 * MUTATIONS.length);
    expect([...byMutation.keys()]).to.have.members(MUTATIONS.map(({ name }) => name));
  });

  it("are noticed by packetdrill's own rules too, where those decide", () => {
    const { run, escapes } = campaign(false, MUTATIONS.length);
    expect(escapes).to.deep.equal([]);
    expect(run).to.be.at.least(30);
  });

  it('are listed if they escape: in a run that is not strict, the TTL does', () => {
    const { escapes } = campaign(false, MUTATIONS.length, STRICT);
    const kinds = escapes.map(({ mutation }) => mutation);
    expect(kinds).to.include.members(['TTL', 'DSCP', "don't fragment", 'twice']);
    expect(kinds).not.to.include('sequence number');
    expect(escapes[0]?.line).to.be.greaterThan(0);
  });

  it('differ from the frame in one thing, and only a spoiled checksum is wrong', () => {
    let random = 1;
    const draw = (limit: number) => (random = (random * 48271) % 0x7fff_ffff) % limit;
    const frames = framesOf('timestamps/on-every-segment.pkt');
    expect(frames.length).to.be.greaterThan(2);
    for (const mutation of MUTATIONS) {
      for (const frame of frames) {
        const spoiled = mutation.apply(frame, draw, { late: 5000 });
        if (spoiled === undefined || mutation.name === 'lost') continue;
        const [first] = spoiled;
        const isSame = first !== undefined && Buffer.compare(first.frame, frame) === 0 && first.delay === 0;
        expect(isSame && spoiled.length === 1, mutation.name).to.equal(false);
        const faults = first === undefined ? [] : (parseFrame(first.frame, 0)?.faults ?? []);
        const wrongSum = faults.some((fault) => /checksum|reason 5/.test(fault));
        expect(wrongSum, `${mutation.name}: ${faults}`).to.equal(/checksum/.test(mutation.name));
      }
    }
  });

  it('are left out where a script does not decide, and only there', () => {
    const plain = shot('0 > . 1:1(0) ack 1');
    const full = shot('0 > [ttl 9, tos 0x3] P. 1:2(1) ack 1 win 5 <TS val 3 ecr 4,nop,nop>');
    for (const name of ['window', 'TTL', 'DSCP', 'ECN', 'TSval', 'TSval']) {
      expect(voidReason(name, plain, LENIENT), name).to.equal('the script does not give the field');
    }
    for (const name of ['TTL', 'DSCP', 'ECN', "don't fragment", 'sequence number', 'PSH', 'twice']) {
      expect(voidReason(name, plain, STRICT), name).to.equal(undefined);
    }
    for (const name of ['window', 'TTL', 'DSCP', 'ECN', 'byte of the options']) {
      expect(voidReason(name, full, LENIENT), name).to.equal(undefined);
    }
    expect(voidReason('TSval', full, STRICT)).to.equal(undefined);
    expect(voidReason('byte of the options', shot('0 > . 1:1(0) ack 1 <...>'), STRICT)).to.match(/not give/);
    expect(voidReason('late', shot('* > . 1:1(0) ack 1', { anyTime: true }), STRICT)).to.match(/at any time/);
    const syn = shot('0 > S. 0:0(0) ack 1 <...>', { firstSyn: true, followed: false });
    expect(voidReason('sequence number', syn, STRICT)).to.match(/nothing follows/);
    expect(voidReason('acknowledgment', syn, STRICT)).to.equal(undefined);
  });
});
