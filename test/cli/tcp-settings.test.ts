import { expect } from 'chai';
import { InvalidArgumentError } from 'commander';
import { collectTcpSettings, describeTcpSettings } from '../../src/cli/tcp-settings.js';
import { MILLISECOND, SECOND } from '../../src/net/clock.js';
import { DEFAULT_TCP_SETTINGS, TCP_SETTINGS } from '../../src/net/tcp/settings.js';

describe("TCP's settings on the command line", () => {
  for (const [text, expected] of [
    ['congestionControl=newreno', { congestionControl: 'newreno' }],
    ['sack=off', { sack: false }],
    ['keepAlive=on', { keepAlive: true }],
    ['delayedAck=100ms', { delayedAck: 100 * MILLISECOND }],
    ['timeWait=4m', { timeWait: 240 * SECOND }],
    ['receiveBufferBytes=1M', { receiveBufferBytes: 2 ** 20 }],
    ['initialWindowSegments=3', { initialWindowSegments: 3 }],
    ['userTimeout=0', { userTimeout: 0 }],
  ] as const) {
    it(`${text} is understood`, () => expect(collectTcpSettings(text, undefined)).to.deep.equal(expected));
  }

  for (const text of [
    'congestionControl=bbr',
    'sack=maybe',
    'delayedAck=soon',
    'delayedAck=0',
    'delayedAck=500ms',
    'minimumRto=61s',
    'maximumRto=59s',
    'receiveBufferBytes=1',
    'initialWindowSegments=0',
    'initialWindowSegments=2.5',
    'noSuchThing=1',
    'toString=1',
    'sack',
    'sack=on=off',
    '',
  ]) {
    it(`"${text}" is refused`, () => expect(() => collectTcpSettings(text, undefined)).to.throw(InvalidArgumentError));
  }

  it('given again, the last one counts, and others stay', () => {
    const first = collectTcpSettings('sack=off', undefined);
    const second = collectTcpSettings('nagle=off', first);
    expect(collectTcpSettings('sack=on', second)).to.deep.equal({ sack: true, nagle: false });
  });

  it('every default lies within its own bounds', () => {
    for (const [name, { value, unit, min, max }] of Object.entries(TCP_SETTINGS) as [
      string,
      { value: unknown; unit: string; min?: number; max?: number },
    ][]) {
      if (unit === 'switch' || unit === 'choice') continue;
      expect(value, name).to.be.within(min!, max!);
    }
    expect(DEFAULT_TCP_SETTINGS.timeWait).to.equal(60 * SECOND);
  });

  it('the list names every setting, and what was changed with its default', () => {
    const text = describeTcpSettings({ sack: false }).join('\n');
    for (const name of Object.keys(TCP_SETTINGS)) expect(text).to.contain(name);
    expect(text).to.match(/sack +off \(default: on\)/);
    expect(text).to.match(/RFC 6928 section 2/);
  });
});
