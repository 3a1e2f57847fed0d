/** The systemd units of packaging/systemd, judged by systemd itself. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { ExitCode } from '../../src/cli/exit-codes.js';

const UNITS = fileURLToPath(new URL('../../../packaging/systemd/', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../examples/config/service.yaml', import.meta.url));
const SERVER = 'fastpath@.service';
const TAP = 'fastpath-tap@.service';
/** Tenths of systemd's "exposure level". */
const MOST_EXPOSURE = 29;

const version = Number(
  /systemd (\d+)/.exec(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout)?.[1],
);
const judged = version >= 250 ? it : it.skip;

describe('the systemd units', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-units-'));
    copyFileSync(join(UNITS, TAP), join(folder, TAP));
    // The program that the unit names need not be installed here.
    writeFileSync(
      join(folder, SERVER),
      readFileSync(join(UNITS, SERVER), 'utf8').replace('/usr/bin/fastpath', process.execPath),
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  judged('are well-formed (skipped where systemd-analyze is missing or older than 250)', () => {
    const verify = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'fastpath@fp0.service')], {
      encoding: 'utf8',
    });
    const complaints = verify.stderr.split('\n').filter((line) => line.includes('fastpath'));
    expect(complaints).to.deep.equal([]);
  });

  for (const unit of [SERVER, TAP]) {
    judged(`expose little: ${unit} is under 3 (skipped where systemd-analyze is missing or older than 250)`, () => {
      const security = ['security', '--offline=true', '--no-pager', `--threshold=${MOST_EXPOSURE}`];
      const { status, stdout } = spawnSync('systemd-analyze', [...security, join(folder, unit)], { encoding: 'utf8' });
      expect(status, stdout.slice(-400)).to.equal(0);
    });
  }

  it('take variables from one file beside the configuration, if it is there', () => {
    for (const unit of [SERVER, TAP]) {
      expect(readFileSync(join(UNITS, unit), 'utf8')).to.match(/^EnvironmentFile=-\/etc\/fastpath\/%i\.env$/m);
    }
  });

  it('fit the example for a long-running server: user, workers, and the time for its grace', () => {
    const example = parse(readFileSync(EXAMPLE, 'utf8')) as Record<string, unknown>;
    const server = readFileSync(join(UNITS, SERVER), 'utf8');
    const tap = readFileSync(join(UNITS, TAP), 'utf8');
    expect(server, 'the unit chooses the user').to.match(/^User=fastpath$/m);
    expect(tap).to.contain('mode tap user fastpath $2');
    expect(example).not.to.have.any.keys('user', 'interface');
    expect(tap, 'one queue, so one worker').to.match(/^Environment=TAP_OPTIONS=$/m);
    expect(example.workers).to.equal(1);
    expect(server, 'asked for more time by its messages').to.match(/^Type=notify$/m);
  });

  it('start no server again that has ended because something has to be mended first', () => {
    const { usage, noTunDevice, noPrivilege, interfaceTaken, addressTaken, unreadable } = ExitCode;
    const lasting = [usage, noTunDevice, noPrivilege, interfaceTaken, addressTaken, unreadable];
    const line = /^RestartPreventExitStatus=(.*)$/m.exec(readFileSync(join(UNITS, SERVER), 'utf8'))?.[1];
    expect(line?.split(' ').map(Number)).to.deep.equal(lasting);
  });

  it('start the program with arguments that it knows', () => {
    const line = /^ExecStart=\/usr\/bin\/fastpath (.*)$/m.exec(readFileSync(join(UNITS, SERVER), 'utf8'))?.[1];
    expect(line).to.equal('serve /etc/fastpath/%i.yaml --interface %i');
  });
});
