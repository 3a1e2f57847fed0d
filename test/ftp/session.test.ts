import { expect } from 'chai';
import { codesOf, FtpWorld, folderOf } from '../support/ftp/world.js';

describe('an FTP session', () => {
  it('takes no more commands from a client that does not read its replies, and goes on when it does', async () => {
    const world = await FtpWorld.make();
    const control = world.login();
    control.acknowledges = false;
    for (let i = 0; i < 50; i++) control.deliver('HELP\r\n'.repeat(100));
    expect(control.queuedBytes).to.be.within(64 * 1024, 66 * 1024);
    expect(control.waiting).to.be.greaterThan(20_000);
    control.sent = '';
    control.acknowledgeAll();
    expect(control.waiting).to.equal(0);
    expect(codesOf(control).filter((code) => code === 214).length).to.be.greaterThan(4_000);
  });

  it('resets a client that never takes the last reply', async () => {
    const world = await FtpWorld.make({ idleSeconds: 60, dataSeconds: 30 });
    const control = world.login();
    control.acknowledges = false;
    control.deliver('NOOP\r\n');
    control.pass(60_000);
    expect([codesOf(control), control.closing, control.gone]).to.deep.equal([[200, 421], true, false]);
    control.pass(30_000);
    expect([control.gone, world.counters.openSessions]).to.deep.equal([true, 0]);
  });

  it('gives TYPE A with CRLF, a piece at a time, as fast as the client takes it', async () => {
    const world = await FtpWorld.make();
    const control = world.login();
    control.deliver('TYPE A\r\nEPSV\r\n');
    const data = world.data(control);
    data.acknowledges = false;
    control.deliver('RETR docs/long.txt\r\n');
    expect(data.queuedBytes).to.be.within(64 * 1024, 100 * 1024);
    data.acknowledgeAll();
    expect(data.sent).to.equal(`${'x'.repeat(99)}\r\n`.repeat(2_000));
    expect([codesOf(control), data.closing]).to.deep.equal([[150, 226], true]);
    control.deliver('EPSV\r\n');
    const other = world.data(control);
    control.deliver('RETR docs/text.txt\r\n');
    other.acknowledgeAll();
    expect(other.sent).to.equal('one\r\ntwo\r\nthree');
  });

  it('refuses encryption, and goes on in the clear', async () => {
    const control = (await FtpWorld.make()).connect();
    control.deliver('AUTH TLS\r\nAUTH SSL\r\nPBSZ 0\r\nPROT P\r\nUSER ftp\r\nPASS x\r\nPWD\r\n');
    expect(codesOf(control)).to.deep.equal([502, 502, 502, 502, 331, 230, 257]);
  });

  it('finds a free passive port as long as there is one, and says so when there is none', async () => {
    const world = await FtpWorld.make({ passivePorts: [50_000, 50_019] });
    const controls = Array.from({ length: 21 }, () => world.login());
    for (const control of controls) control.deliver('EPSV\r\n');
    expect(controls.map((control) => codesOf(control)[0])).to.deep.equal([...Array(20).fill(229), 425]);
    controls[0]?.disappear('reset');
    controls[20]?.deliver('EPSV\r\n');
    expect(codesOf(controls[20]!)).to.deep.equal([229]);
  });
});

describe('lists over FTP', () => {
  it('are asked for a few at a time; who has gone loses the turn', async () => {
    const world = await FtpWorld.make();
    const controls = Array.from({ length: 10 }, () => world.login());
    for (const control of controls) control.deliver('EPSV\r\n');
    const data = controls.map((control) => world.data(control));
    for (const control of controls) control.deliver('LIST\r\n');
    expect(world.questions).to.have.lengthOf(4);
    expect(world.module.unfinished).to.equal(10);
    for (const gone of controls.slice(4, 9)) gone.disappear('reset');
    for (let i = 0; i < 5; i++) world.answer(folderOf(1));
    expect(world.questions).to.deep.equal([]);
    expect(controls.map((control) => codesOf(control))).to.deep.equal(
      controls.map((_, i) => (i < 4 || i === 9 ? [150] : [])),
    );
    expect(data[9]?.sent).to.match(/^-r--r--r-- 1 ftp ftp +0 .* file 0\r\n$/);
  });

  it('get a reply when the main thread does not answer in time', async () => {
    const world = await FtpWorld.make();
    const control = world.login();
    control.deliver('EPSV\r\nLIST\r\nNOOP\r\n');
    control.sent = '';
    world.clock.now += 30_000_000;
    world.module.tick?.();
    expect(codesOf(control)).to.deep.equal([450, 200]);
    world.answer(folderOf(1));
    expect(codesOf(control)).to.deep.equal([]);
  });

  it('take only so much memory for clients that do not read them', async () => {
    const world = await FtpWorld.make();
    const codes: number[] = [];
    const long = folderOf(100_000, 'x'.repeat(80));
    const controls = Array.from({ length: 8 }, () => world.login());
    for (const control of controls) {
      control.deliver('EPSV\r\nNLST\r\n'); // nobody connects to the port
      world.answer(long);
      codes.push(codesOf(control).at(-1) ?? 0);
    }
    expect(codes).to.deep.equal([...Array(7).fill(150), 450]);
    controls[0]?.disappear('reset');
    controls[7]?.deliver('EPSV\r\nNLST\r\n');
    world.answer(folderOf(10));
    expect(codesOf(controls[7]!)).to.deep.equal([229, 150]);
  });

  it('over the control connection are short', async () => {
    const world = await FtpWorld.make();
    const control = world.login();
    control.deliver('STAT /\r\n');
    world.answer(folderOf(1_001));
    control.deliver('STAT /\r\n');
    world.answer(folderOf(3));
    expect(codesOf(control)).to.deep.equal([450, 212]);
  });
});
