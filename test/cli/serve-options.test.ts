import { expect } from 'chai';
import { serveCommand, serveOptions } from '../../src/cli/serve.js';
import { DEFAULT_LIMITS } from '../../src/http/limits.js';
import { backlogOf, DEFAULTS } from '../../src/serve/options.js';

/** What the words of a command line become. */
function optionsOf(...words: string[]) {
  const command = serveCommand().exitOverride();
  command.parseOptions(words);
  return serveOptions('site', command.opts());
}

describe('the options of serve', () => {
  it('without a word are the defaults', () => {
    const { network, limits, graceMs, ...rest } = optionsOf();
    expect(Object.values(network ?? {}).every((value) => value === undefined)).to.equal(true);
    expect(DEFAULT_LIMITS).to.include(limits);
    const { backlog, ...defaults } = DEFAULTS;
    expect({ graceMs, ...rest }).to.deep.equal({ folder: 'site', ...defaults });
    expect(backlogOf(optionsOf())).to.equal(backlog);
  });

  it('that take one value are refused when they are given twice; those that collect are not', () => {
    const twice = (...words: string[]) => {
      const command = serveCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} });
      return () => command.parseOptions(words);
    };
    expect(twice('--host', '10.99.0.1/24', '--host', '10.98.0.1/24')).to.throw('--host <address/length>');
    expect(twice('-p', '80', '--port', '81')).to.throw('was given twice');
    expect(twice('-a', '10.77.0.2', '-a', 'fd77::2', '--tcp', 'backlog=5', '--tcp', 'delayedAck=40ms')).not.to.throw();
  });

  it('name routers of either family, and no other', () => {
    const { gateway, gateway6 } = optionsOf('--gateway', '10.77.0.9', '--gateway6', 'fe80::9').network ?? {};
    expect([String(gateway), String(gateway6)]).to.deep.equal(['10.77.0.9', 'fe80::9']);
    const parse =
      (...words: string[]) =>
      () =>
        serveCommand()
          .exitOverride()
          .configureOutput({ writeErr: () => {} })
          .parseOptions(words);
    expect(parse('--gateway', 'fe80::9')).to.throw('Not an IPv4 address');
    expect(parse('--gateway6', '10.77.0.9')).to.throw('Not an IPv6 address');
  });

  it('wait for ever for downloads if that is asked for', () => {
    expect(optionsOf('--grace', 'forever').graceMs).to.equal(Number.POSITIVE_INFINITY);
    expect(optionsOf('--grace', '2m').graceMs).to.equal(120_000);
  });

  it('say the backlog in two ways; --backlog goes before', () => {
    expect(backlogOf(optionsOf('--tcp', 'backlog=5'))).to.equal(5);
    expect(backlogOf(optionsOf('--backlog', '7'))).to.equal(7);
    expect(backlogOf(optionsOf('--tcp', 'backlog=5', '--backlog', '7'))).to.equal(7);
  });

  it('become numbers in the units of the server', () => {
    const options = optionsOf(
      '--idle-timeout',
      '5s',
      '--max-fields',
      '7',
      '--max-header',
      '1k',
      '--grace',
      '2m',
      '--cache-size',
      '1G',
    );
    expect(options.limits).to.include({ idleTimeoutMs: 5_000, headerFields: 7, headerBytes: 1_024 });
    expect(options).to.include({ graceMs: 120_000, cacheBytes: 2 ** 30 });
  });

  it('become networks and addresses', () => {
    const { network, mac } = optionsOf(
      '-i',
      'fp7',
      '--host',
      '10.9.0.1/30',
      '-a',
      '10.9.0.2',
      '-a',
      'fd77::2',
      '--mac',
      '02:00:00:00:00:01',
    );
    expect(network?.interfaceName).to.equal('fp7');
    expect(String(network?.host)).to.equal('10.9.0.1/30');
    expect(network?.addresses?.map(String)).to.deep.equal(['10.9.0.2/24', 'fd77::2/64']);
    expect(mac).to.equal('02:00:00:00:00:01');
  });

  it('say what of the folder is served, and how', () => {
    expect(optionsOf())
      .to.include({ symlinks: 'inside', charset: 'auto', compress: 'load' })
      .and.not.have.property('dotfiles');
    const options = optionsOf(
      '--dotfiles',
      '--symlinks',
      'all',
      '--charset',
      'Shift_JIS',
      '--max-object',
      '1G',
      '--compress',
      'off',
    );
    expect(options).to.include({
      dotfiles: true,
      symlinks: 'all',
      charset: 'Shift_JIS',
      compress: 'off',
      maxObjectBytes: 2 ** 30,
    });
  });

  it('name a VLAN', () => {
    expect(optionsOf('--vlan', '4094').vlan).to.equal(4094);
    expect(optionsOf().vlan).to.equal(undefined);
  });

  it('turn offload off, and bound it', () => {
    expect(optionsOf('--no-offload').offload).to.equal(false);
    expect(optionsOf('--super-segment', '64k').superSegmentBytes).to.equal(65_536);
  });

  it('have a limit that is nothing refused', () => {
    for (const words of [
      ['--idle-timeout', '0'],
      ['--max-header', '0'],
      ['--max-requests', '0'],
      ['--probe', 'maybe'],
      ['--max-object', '0'],
      ['--max-object', '2G'],
      ['--symlinks', 'some'],
      ['--charset', 'utf-9'],
      ['--compress', 'gzip'],
      ['--vlan', '0'],
      ['--vlan', '4095'],
    ]) {
      const command = serveCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} });
      expect(() => command.parse(['site', ...words], { from: 'user' }), words.join(' ')).to.throw();
    }
  });
});
