import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { TAG } from '../../src/ldap/ber/reader.js';
import { Passwords } from '../../src/ldap/main/passwords.js';
import {
  bindOf,
  control,
  equal,
  exampleLdif,
  LdapWorld,
  messageOf,
  messagesOf,
  paged,
  present,
  searchOf,
  type Write,
} from './support.js';

const codes = (connection: Parameters<typeof messagesOf>[0]) =>
  messagesOf(connection).map(({ id, code }) => [id, code]);

describe('an LDAP server', () => {
  it('answers a search however its bytes are cut, and messages in their order', () => {
    const all = Buffer.concat([
      searchOf(1, { filter: equal('uid', 'USER3') }),
      searchOf(2, { scope: 1, filter: present('ou') }),
      searchOf(300_000, { scope: 0, base: 'DC = Example, dc=org', attributes: ['o'] }),
    ]);
    for (let step = 1; step < 60; step += 7) {
      const connection = new LdapWorld().connect();
      for (let at = 0; at < all.length; at += step) connection.deliver(all.subarray(at, at + step));
      const seen = messagesOf(connection);
      expect(seen.map(({ id, dn, code }) => [id, code ?? dn])).to.deep.equal([
        [1, 'uid=user3,ou=people,dc=example,dc=org'],
        [1, 0],
        [2, 'ou=people,dc=example,dc=org'],
        [2, 'ou=groups,dc=example,dc=org'],
        [2, 0],
        [300_000, 'dc=example,dc=org'],
        [300_000, 0],
      ]);
      expect(seen[5]?.attributes).to.deep.equal({ o: ['Example'] });
    }
  });

  it('answers the same search again from prebuilt bytes, until the entries change', () => {
    const world = new LdapWorld();
    const connection = world.connect();
    connection.deliver(searchOf(1, { filter: equal('sn', 'turing') }));
    const first = messagesOf(connection).map((message) => ({ ...message, id: 0 }));
    connection.deliver(searchOf(70_000, { filter: equal('sn', 'turing') }));
    const second = messagesOf(connection);
    expect(new Set(second.map(({ id }) => id))).to.deep.equal(new Set([70_000]));
    expect(second.map((message) => ({ ...message, id: 0 }))).to.deep.equal(first);
    expect(first).to.have.lengthOf(7);
    expect(world.counters.searchesPrebuilt).to.equal(1);
    world.load(exampleLdif(3), 2);
    connection.deliver(searchOf(3, { filter: equal('sn', 'turing') }));
    expect(messagesOf(connection)).to.have.lengthOf(2);
    expect(world.counters).to.include({ searchesPrebuilt: 1, searches: 3, loads: 2 });
  });

  it('gives all pages of a search, each entry once, and refuses the cookie of another search', () => {
    const world = new LdapWorld();
    const connection = world.connect();
    const found: string[] = [];
    let cookie: Uint8Array | undefined = new Uint8Array(0);
    let pages = 0;
    while (cookie !== undefined && (pages === 0 || cookie.length > 0)) {
      connection.deliver(searchOf(++pages, { filter: present('uid') }, paged(7, cookie)));
      const seen = messagesOf(connection);
      found.push(...seen.filter(({ code }) => code === undefined).map(({ dn }) => dn));
      expect(seen.at(-1)?.code).to.equal(0);
      if (pages === 1) {
        connection.deliver(searchOf(99, { filter: present('cn') }, paged(7, seen.at(-1)?.cookie)));
        expect(codes(connection)).to.deep.equal([[99, 53]]);
      }
      cookie = seen.at(-1)?.cookie;
    }
    expect(pages).to.equal(5);
    expect(new Set(found).size).to.equal(30);
    expect(found).to.have.lengthOf(30);
  });

  it('runs a large search in slices: others are answered meanwhile, and it can be abandoned', () => {
    const world = new LdapWorld(exampleLdif(3_000));
    const connection = world.connect();
    connection.deliver(searchOf(1, { filter: equal('cn', 'nothing like it', 0xa4 + 4) }));
    connection.deliver(searchOf(2, { filter: (writer) => writer.within(0xa2, () => present('objectClass')(writer)) }));
    expect(messagesOf(connection).map(({ id }) => id)).to.deep.equal([1]);
    const other = world.connect();
    other.deliver(searchOf(3, { filter: equal('uid', 'user2999') }));
    expect(messagesOf(other)).to.have.lengthOf(2);
    connection.pass(1_000);
    expect(codes(connection)).to.deep.equal([[2, 0]]);
    connection.acknowledgeAll();
    connection.deliver(
      searchOf(4, { timeLimit: 20, filter: (writer) => writer.within(0xa2, () => present('objectClass')(writer)) }),
    );
    connection.deliver(messageOf(5, (writer) => writer.integer(4, 0x50)));
    connection.pass(1_000);
    expect(messagesOf(connection).filter(({ code }) => code !== undefined)).to.deep.equal([]);
  });

  it('ends a search at its limits of entries and of time', () => {
    const world = new LdapWorld(exampleLdif(3_000), { sizeLimit: 100 });
    const connection = world.connect();
    connection.deliver(searchOf(1, { sizeLimit: 5 }));
    expect(messagesOf(connection).map(({ code }) => code)).to.deep.equal([...Array(5).fill(undefined), 4]);
    connection.deliver(searchOf(2));
    expect(messagesOf(connection)).to.have.lengthOf(101);
    connection.deliver(
      searchOf(3, { timeLimit: 1, filter: (writer) => writer.within(0xa2, () => present('objectClass')(writer)) }),
    );
    world.clock.now += 1_000_001;
    connection.pass(1);
    expect(codes(connection)).to.deep.equal([[3, 3]]);
  });

  it('answers "busy" to a bind whose password nobody has looked at for a minute', () => {
    const world = new LdapWorld();
    const connection = world.connect();
    connection.deliver(bindOf(1, 'uid=user1,ou=people,dc=example,dc=org', 'secret'));
    world.clock.now += 59_000_000;
    world.module.tick?.();
    expect(codes(connection)).to.deep.equal([]);
    world.clock.now += 1_000_000;
    world.module.tick?.();
    expect(codes(connection)).to.deep.equal([[1, 51]]);
    world.module.received?.({ id: world.questions[0]?.id ?? 0, answer: true }); // too late: it is not bound
    connection.deliver(bindOf(2, '', ''));
    expect(codes(connection)).to.deep.equal([[2, 0]]);
  });

  it('names the nearest entry above a name that is not there', () => {
    const connection = new LdapWorld().connect();
    const base = (id: number, name: string) => searchOf(id, { base: name });
    connection.deliver(base(1, 'cn=x,uid=a\\,b\\\\,uid=user1,ou=People,dc=example,dc=org'));
    connection.deliver(base(2, `${'a=1,'.repeat(2_000)}dc=example,dc=org`));
    connection.deliver(base(3, 'dc=example,dc=com'));
    expect(messagesOf(connection).map(({ code, dn }) => [code, dn])).to.deep.equal([
      [32, 'uid=user1,ou=people,dc=example,dc=org'],
      [32, 'dc=example,dc=org'],
      [32, ''],
    ]);
  });

  it('reads a long value once, whatever it is: no client stops the worker with one', () => {
    const connection = new LdapWorld().connect();
    const started = process.cpuUsage().user;
    connection.deliver(searchOf(1, { filter: equal('uidNumber', `${'0'.repeat(60_000)}x`) }));
    connection.deliver(searchOf(2, { filter: equal('uidNumber', `-${'0'.repeat(60_000)}1003`) }));
    connection.deliver(searchOf(3, { filter: equal('uidNumber', `${'1'.repeat(60_000)}x`) }));
    connection.deliver(searchOf(4, { filter: equal('createTimestamp', `20260101000000.${'1'.repeat(60_000)}`) }));
    connection.deliver(searchOf(5, { filter: equal('uniqueMember', `#'${'0'.repeat(60_000)}`) }));
    expect(messagesOf(connection).map(({ id, code, dn }) => [id, code ?? dn])).to.deep.equal([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [5, 0],
    ]);
    expect(process.cpuUsage().user - started).to.be.lessThan(1_000_000);
  });

  it('looks at few entries at a time where each has many values, and refuses a filter that is too much for one', () => {
    const members = Array.from({ length: 20_000 }, (_, i) => `description: member ${i}\n`).join('');
    const world = new LdapWorld(`${exampleLdif(3)}\ndn: cn=all,dc=example,dc=org\ncn: all\n${members}`);
    const connection = world.connect();
    const parts = (count: number): Write => {
      const part = equal('description', 'z', 0xa8);
      return (writer) =>
        writer.within(0xa1, () => {
          for (let i = 0; i < count; i++) writer.within(0xa2, () => part(writer));
        });
    };
    connection.deliver(searchOf(1, { filter: parts(500) }));
    connection.deliver(searchOf(2, { filter: parts(10), attributes: ['1.1'], sizeLimit: 3 }));
    connection.deliver(searchOf(3, { filter: parts(500), scope: 0 }));
    expect(codes(connection)).to.deep.equal([[1, 11], ...Array(3).fill([2, undefined]), [2, 4], [3, 11]]);
    connection.acknowledges = false;
    connection.deliver(searchOf(4, { filter: parts(40), attributes: ['1.1'] }));
    const first = messagesOf(connection).length;
    connection.pass(100);
    expect([first, messagesOf(connection).at(-1)?.code]).to.deep.equal([11, 0]);
  });

  it('merges no lists of candidates without end: a long "or" of common values looks at the entries instead', () => {
    const world = new LdapWorld(exampleLdif(600));
    const connection = world.connect();
    const common: Write = (writer) =>
      writer.within(0xa1, () => {
        for (let i = 0; i < 500; i++) equal('objectClass', i % 2 ? 'person' : 'top')(writer);
      });
    const started = process.cpuUsage().user;
    connection.deliver(searchOf(1, { filter: common, sizeLimit: 1 }));
    expect(process.cpuUsage().user - started).to.be.lessThan(200_000);
    connection.pass(1_000);
    expect(messagesOf(connection).map(({ code }) => code)).to.deep.equal([undefined, 4]);
    const few: Write = (writer) =>
      writer.within(0xa1, () => {
        for (const name of ['user5', 'user7', 'user5']) equal('uid', name)(writer);
      });
    connection.deliver(searchOf(2, { filter: few }));
    expect(messagesOf(connection)).to.have.lengthOf(3);
  });

  it('binds by what the main thread says, and tells who somebody is', () => {
    const world = new LdapWorld(undefined, { anonymous: false });
    const connection = world.connect();
    const user = 'uid=user1,ou=people,dc=example,dc=org';
    const whoAmI = (id: number) =>
      messageOf(id, (writer) => writer.within(0x77, () => writer.octets('1.3.6.1.4.1.4203.1.11.3', 0x80)));
    connection.deliver(Buffer.concat([searchOf(1), bindOf(2, user, 'secret'), searchOf(3, { scope: 0 }), whoAmI(4)]));
    expect(codes(connection)).to.deep.equal([[1, 50]]);
    const [question] = world.questions;
    expect(Buffer.from(question?.question.password ?? []).toString()).to.equal('secret');
    world.module.received?.({ id: question?.id ?? 0, answer: true });
    expect(connection.sent).to.contain(`dn:${user}`);
    expect(codes(connection)).to.deep.equal([
      [2, 0],
      [3, undefined],
      [3, 0],
      [4, 0],
    ]);
    connection.deliver(bindOf(5, user, ''));
    connection.deliver(bindOf(6, '', ''));
    connection.deliver(searchOf(7, { scope: 0 }));
    connection.deliver(bindOf(8, user, 'wrong'));
    world.module.received?.({ id: world.questions[1]?.id ?? 0, answer: false });
    expect(codes(connection)).to.deep.equal([
      [5, 53],
      [6, 0],
      [7, 50],
      [8, 49],
    ]);
  });

  it('refuses writes, StartTLS, unknown critical controls, SASL and other versions, and goes on', () => {
    const connection = new LdapWorld().connect();
    const bind = (id: number, version: number, tag: number) =>
      messageOf(id, (writer) =>
        writer.within(0x60, () => {
          writer.integer(version);
          writer.octets('');
          writer.octets('', tag);
        }),
      );
    connection.deliver(messageOf(1, (writer) => writer.octets('dc=example,dc=org', 0x4a)));
    connection.deliver(messageOf(2, (writer) => writer.within(0x68, () => writer.octets('dc=new'))));
    connection.deliver(
      messageOf(3, (writer) => writer.within(0x77, () => writer.octets('1.3.6.1.4.1.1466.20037', 0x80))),
    );
    connection.deliver(searchOf(4, {}, control('1.2.3.4', true)));
    connection.deliver(bind(5, 3, 0xa3));
    connection.deliver(bind(6, 2, 0x80));
    connection.deliver(searchOf(7, { scope: 0 }, control('1.2.3.4', false)));
    connection.deliver(searchOf(8, { base: 'uid=none,ou=people,dc=example,dc=org' }));
    const seen = messagesOf(connection);
    expect(seen.map(({ id, tag, code }) => [id, tag, code])).to.deep.equal([
      [1, 0x6b, 53],
      [2, 0x69, 53],
      [3, 0x78, 2],
      [4, 0x65, 12],
      [5, 0x61, 7],
      [6, 0x61, 2],
      [7, 0x64, undefined],
      [7, 0x65, 0],
      [8, 0x65, 32],
    ]);
    expect(seen.at(-1)?.dn).to.equal('ou=people,dc=example,dc=org');
  });

  it('compares values by the rule of their attribute', () => {
    const connection = new LdapWorld().connect();
    const compare = (attribute: string, value: string) => {
      const dn = 'uid=user3,ou=people,dc=example,dc=org';
      connection.deliver(
        messageOf(1, (writer) =>
          writer.within(0x6e, () => {
            writer.octets(dn);
            equal(attribute, value, TAG.sequence)(writer);
          }),
        ),
      );
      return messagesOf(connection)[0]?.code;
    };
    expect(compare('telephoneNumber', '+4930-1021')).to.equal(6);
    expect(compare('cn', ' edsger   O BRIEN ')).to.equal(6);
    expect(compare('homeDirectory', '/HOME/user3')).to.equal(5);
    expect(compare('uidNumber', '1009')).to.equal(6);
    expect(compare('uidNumber', '01009')).to.equal(21); // as slapd: no zeros in front (RFC 4517 section 3.3.16)
    expect(compare('uidNumber', 'many')).to.equal(21);
    expect(compare('title', 'x')).to.equal(16);
    expect(compare('nothing', 'x')).to.equal(17);
  });

  it('says goodbye to what is no LDAP, and turns away a connection too many', () => {
    const world = new LdapWorld(undefined, { connectionsPerClient: 2, messageBytes: 1000 });
    const wrong = world.connect();
    wrong.deliver('GET / HTTP/1.1\r\n\r\n');
    expect(messagesOf(wrong)[0]).to.include({ id: 0, tag: 0x78, code: 2 });
    expect(wrong.closing).to.equal(true);
    const long = world.connect();
    long.deliver(Uint8Array.of(0x30, 0x82, 0x10, 0));
    expect(long.closing).to.equal(true);
    const third = world.connect();
    third.pass(1);
    expect(third.gone).to.equal(true);
    expect(world.counters).to.include({ connectionsRefused: 1, malformed: 2 });
  });

  it('survives requests with changed bytes, and always tells something or waits', () => {
    const world = new LdapWorld(exampleLdif(5), { connections: 100_000, connectionsPerClient: 100_000 });
    const requests = [
      searchOf(1, { filter: (writer) => writer.within(0xa0, () => equal('cn', 'x')(writer)) }, paged(3)),
      bindOf(2, 'cn=x', 'y'),
      searchOf(3, { filter: equal('cn', 'x', 0xa9), attributes: ['*', '+', 'cn;lang-en'] }),
    ];
    let state = 12345;
    const random = (below: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 1) % below;
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from(requests[i % requests.length] as Uint8Array);
      for (let changes = 1 + random(4); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
      const connection = world.connect();
      connection.deliver(bytes.subarray(0, 1 + random(bytes.length)));
      connection.pass(2);
      if (!connection.gone) connection.disappear('reset');
    }
    expect(world.counters.openConnections).to.equal(0);
    expect(world.counters.malformed).to.be.greaterThan(1_000);
  });
});

describe('passwords of LDAP', () => {
  it('fit plain text, salted hashes and Argon2, and nothing else', async () => {
    const passwords = new Passwords();
    const salt = Buffer.from('salt');
    const salted = createHash('sha1').update('one').update(salt).digest();
    passwords.add('a', [Buffer.from(`{SSHA}${Buffer.concat([salted, salt]).toString('base64')}`)]);
    passwords.add('b', [Buffer.from('two')]);
    // From Debian's argon2: echo -n password | argon2 somesalt -id -t 2 -k 64 -p 1
    const { argon2id } = await import('@noble/hashes/argon2.js');
    const hash = Buffer.from(argon2id('three', 'somesalt', { m: 64, t: 2, p: 1 }))
      .toString('base64')
      .replace(/=+$/, '');
    const saltText = Buffer.from('somesalt').toString('base64').replace(/=+$/, '');
    passwords.add('c', [Buffer.from(`{ARGON2}$argon2id$v=19$m=64,t=2,p=1$${saltText}$${hash}`)]);
    expect(passwords.add('d', [Buffer.from('{CRYPT}ab01FAX.bQRSU')])).to.equal(1);
    const verify = (key: string, text: string) => passwords.verify(key, Buffer.from(text));
    expect(await Promise.all([verify('a', 'one'), verify('b', 'two'), verify('c', 'three')])).to.deep.equal([
      true,
      true,
      true,
    ]);
    const wrong = [verify('a', 'two'), verify('b', 'one'), verify('c', 'one'), verify('d', 'x'), verify('e', '')];
    expect(await Promise.all(wrong)).to.deep.equal([false, false, false, false, false]);
  });
});
