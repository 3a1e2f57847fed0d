/** LDAP in `fastpath serve`, asked over a TAP interface by OpenLDAP's programs, by ldapts and by bytes. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { argon2id } from '@noble/hashes/argon2.js';
import { expect } from 'chai';
import { Client, type SearchOptions } from 'ldapts';
import { equal, exampleLdif, messageOf, searchOf } from '../ldap/support.js';
import { describeInNamespace } from '../support/namespace.js';
import { needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { PATIENCE_MS, until } from '../support/until.js';

const OURS = '10.77.0.2';
const URL_OF_OURS = `ldap://${OURS}`;
const BASE = 'dc=example,dc=org';
const person = (number: number) => `uid=user${number},ou=people,${BASE}`;

/** The example, in which three people have a password: `secret1` as it is, `secret2` salted, `secret3` by Argon2. */
function ldifWithPasswords(): string {
  const salt = Buffer.from('salt');
  const salted = createHash('sha1').update('secret2').update(salt).digest();
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
  const hash = argon2id('secret3', 'somesalt', { m: 64, t: 2, p: 1 });
  const values = [
    'secret1',
    `{SSHA}${Buffer.concat([salted, salt]).toString('base64')}`,
    `{ARGON2}$argon2id$v=19$m=64,t=2,p=1$${base64(Buffer.from('somesalt'))}$${base64(hash)}`,
  ];
  return values.reduce(
    (text, value, i) => text.replace(`uid: user${i + 1}\n`, `uid: user${i + 1}\nuserPassword: ${value}\n`),
    exampleLdif(200),
  );
}

describeInNamespace(import.meta.url, 'LDAP', () => {
  const folder = readableFolder('fastpath-ldap-');
  let server: ServeProcess;
  const clients: Client[] = [];

  before(async () => {
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site', 'index.html'), 'a site');
    writeFileSync(join(folder, 'people.ldif'), ldifWithPasswords());
    const ldap = '{ use: ldap, options: { files: [people.ldif], sizeLimit: 150 } }';
    writeFileSync(join(folder, 'site.yaml'), `sites: [{ folder: site }]\nmodules: [${ldap}]\n`);
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    server = await ServeProcess.start([join(folder, 'site.yaml'), '--workers', '2'], { env, cwd: folder });
  });

  after(async () => {
    for (const client of clients) await client.unbind().catch(() => {});
    if (server !== undefined) await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs one of OpenLDAP's programs. */
  const ask = (program: string, ...args: readonly string[]) => run(program, ['-x', '-H', URL_OF_OURS, ...args]);
  const namesIn = (stdout: string) => Array.from(stdout.matchAll(/^dn: (.*)$/gm), ([, dn]) => dn);

  function client(): Client {
    const made = new Client({ url: URL_OF_OURS, timeout: PATIENCE_MS, connectTimeout: PATIENCE_MS });
    clients.push(made);
    return made;
  }

  it('gives ldapsearch entries, attributes and types, in every scope', async function () {
    needs(this, 'ldapsearch');
    const search = (...args: readonly string[]) => ask('ldapsearch', '-LLL', '-o', 'ldif-wrap=no', ...args);
    const one = await search('-b', BASE, '(cn=Ada LOVELACE)', 'uid', 'mail');
    expect(one.stdout).to.include(`dn: ${person(0)}\nuid: user0\nmail: user0@example.org\n`);
    const types = await search('-A', '-b', person(3), '-s', 'base');
    expect(types.stdout)
      .to.match(/^objectClass:$/m)
      .and.not.match(/^uid: /m);
    const base64 = await search('-b', BASE, '(cn=Zoë*)', 'cn');
    expect(base64.stdout).to.include(`cn:: ${Buffer.from('Zoë Hopper').toString('base64')}`);
    const scopes = await Promise.all(
      ['base', 'one', 'sub', 'children'].map((scope) => search('-b', BASE, '-s', scope, '(objectClass=*)', '1.1')),
    );
    expect(scopes.map(({ stdout }) => namesIn(stdout).length)).to.deep.equal([1, 2, 150, 150]);
    expect(scopes.map(({ code }) => code)).to.deep.equal([0, 0, 4, 4]);
    expect((await search('-b', `ou=groups,${BASE}`, '-s', 'children', '1.1')).code).to.equal(0);
  });

  it('gives ldapsearch pages, limits, the root DSE and the subschema', async function () {
    needs(this, 'ldapsearch');
    const paged = await ask('ldapsearch', '-LLL', '-E', 'pr=17/noprompt', '-b', BASE, '(uid=*)', '1.1');
    expect(namesIn(paged.stdout)).to.have.lengthOf(200);
    expect(new Set(namesIn(paged.stdout)).size).to.equal(200);
    expect(paged.stdout.match(/^# pagedresults: cookie=/gm) ?? []).to.have.lengthOf(12);
    const limited = await ask('ldapsearch', '-z', '3', '-b', BASE, '(uid=*)', '1.1');
    expect([limited.code, namesIn(limited.stdout).length]).to.deep.equal([4, 3]);
    const root = await ask('ldapsearch', '-LLL', '-b', '', '-s', 'base', '+');
    for (const line of [`namingContexts: ${BASE}`, 'supportedLDAPVersion: 3']) expect(root.stdout).to.include(line);
    const schema = await ask('ldapsearch', '-LLL', '-b', 'cn=Subschema', '-s', 'base', 'attributeTypes');
    expect(schema.stdout).to.match(/NAME 'telephoneNumber'/);
    const missing = await ask('ldapsearch', '-b', `cn=x,${person(1)}`);
    expect([missing.code, missing.stdout.includes(`matchedDN: ${person(1)}`)]).to.deep.equal([32, true]);
  });

  it('lets ldapcompare compare and ldapwhoami bind, by each kind of password', async function () {
    needs(this, 'ldapcompare', 'ldapwhoami');
    const compare = async (assertion: string) => (await ask('ldapcompare', person(1), assertion)).code;
    expect(await compare('mail:USER1@example.org')).to.equal(6);
    expect(await compare('mail:other@example.org')).to.equal(5);
    expect(await compare('userPassword:secret1')).to.equal(16);
    for (const number of [1, 2, 3]) {
      const right = await ask('ldapwhoami', '-D', person(number), '-w', `secret${number}`);
      expect([right.code, right.stdout.trim()]).to.deep.equal([0, `dn:${person(number)}`]);
      expect((await ask('ldapwhoami', '-D', person(number), '-w', 'wrong')).code).to.equal(49);
    }
    expect((await ask('ldapwhoami', '-D', 'cn=nobody', '-w', 'secret1')).code).to.equal(49);
    expect((await ask('ldapwhoami')).stdout.trim()).to.equal('anonymous');
  });

  it('refuses StartTLS, SASL and writes with the right codes, and the connection goes on', async function () {
    needs(this, 'ldapwhoami', 'ldapmodify');
    const start = await ask('ldapwhoami', '-ZZ');
    expect([start.code, start.stderr.includes('Protocol error (2)')]).to.deep.equal([1, true]);
    const optional = await ask('ldapwhoami', '-Z');
    expect(optional.stdout.trim()).to.equal('anonymous');
    const change = join(folder, 'change.ldif');
    writeFileSync(change, `dn: ${person(1)}\nchangetype: modify\nreplace: sn\nsn: Other\n`);
    expect((await ask('ldapmodify', '-f', change)).code).to.equal(53);
    const sasl = await run('ldapwhoami', ['-H', URL_OF_OURS, '-Y', 'EXTERNAL']);
    expect(sasl.code).to.not.equal(0);
  });

  it('serves ldapts: binds, pages, limits, filters, compare, and unbind', async () => {
    const ldap = client();
    await ldap.bind(person(2), 'secret2');
    const names = async (options: SearchOptions, base = BASE) =>
      (await ldap.search(base, options)).searchEntries.map(({ dn }) => dn);
    expect(await names({ filter: '(uid=*)', paged: { pageSize: 33 }, attributes: ['1.1'] })).to.have.lengthOf(200);
    expect(await names({ filter: '(&(uidNumber>=1003)(!(uidNumber>=1009)))' })).to.deep.equal([person(1), person(2)]);
    expect(await names({ filter: '(member=uid=user5,ou=people,dc=example,dc=org)' })).to.have.lengthOf(1);
    expect(await names({ filter: '(cn:caseExactMatch:=Ada Lovelace)', sizeLimit: 150 })).to.include(person(0));
    expect(await names({ scope: 'children' }, `ou=groups,${BASE}`)).to.have.lengthOf(4);
    const { searchEntries } = await ldap.search(person(4), { scope: 'base', attributes: ['title', 'hasSubordinates'] });
    expect(searchEntries).to.deep.equal([{ dn: person(4), title: 'Engineer', hasSubordinates: 'FALSE' }]);
    expect(await ldap.compare(person(4), 'title', 'engineer')).to.equal(true);
    expect(await ldap.exop('1.3.6.1.4.1.4203.1.11.3')).to.deep.include({ value: `dn:${person(2)}` });
    const failure = (promise: Promise<unknown>) => promise.then(String, ({ code }: { code: number }) => code);
    expect(await names({ sizeLimit: 2 })).to.have.lengthOf(2); // ldapts gives what came before the limit
    expect(await failure(ldap.bind(person(2), 'wrong'))).to.equal(49);
    expect(await failure(ldap.del(person(2)))).to.equal(53);
    expect(await failure(client().startTLS())).to.equal(2);
    expect((await ldap.exop('1.3.6.1.4.1.4203.1.11.3')).value ?? '').to.equal('');
    await ldap.unbind();
  });

  /** A connection that asks in bytes. */
  async function open(): Promise<Socket> {
    const socket = connect(389, OURS);
    await once(socket, 'connect');
    return socket.setEncoding('latin1');
  }

  it('answers no operation that was abandoned, ends at unbind, and closes at what is no LDAP', async () => {
    const socket = await open();
    const slow = searchOf(1, { filter: equal('description', 'zzz', 0xa8), timeLimit: 5 });
    socket.write(Buffer.concat([slow, messageOf(2, (writer) => writer.integer(1, 0x50)), searchOf(3, { scope: 0 })]));
    const [first] = (await once(socket, 'data')) as [string];
    expect(first.charCodeAt(4)).to.be.oneOf([1, 3]);
    socket.write(messageOf(4, (writer) => writer.octets('', 0x42)));
    await once(socket, 'close');
    const stranger = await open();
    let text = '';
    stranger.on('data', (data: string) => (text += data));
    stranger.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(stranger, 'close');
    expect(text).to.include('1.3.6.1.4.1.1466.20036');
  });

  it('answers 200 clients at once, on both workers', async () => {
    const many = Array.from({ length: 200 }, () => client());
    const found = await Promise.all(
      many.map(async (ldap, i) => (await ldap.search(BASE, { filter: `(uid=user${i})` })).searchEntries[0]?.dn),
    );
    expect(found).to.deep.equal(many.map((_, i) => person(i)));
    await Promise.all(clients.map((ldap) => ldap.unbind()));
    await server.event('status', ({ counters }) => {
      const all = counters as Record<string, number>;
      return all['ldap.openConnections'] === 0 && (all['ldap.searches'] ?? 0) > 200;
    });
  });

  it('reads the files again at SIGHUP, and keeps the old entries if one is wrong', async () => {
    const ldap = client();
    const title = async () => (await ldap.search(person(0), { scope: 'base' })).searchEntries[0]?.title;
    expect(await title()).to.equal('Engineer');
    writeFileSync(join(folder, 'people.ldif'), `${exampleLdif(200)}\nno line of LDIF\n`);
    server.child.kill('SIGHUP');
    await server.event('warning', (event) => JSON.stringify(event).includes('people.ldif'));
    expect(await title()).to.equal('Engineer');
    writeFileSync(join(folder, 'people.ldif'), exampleLdif(200).replaceAll('title: Engineer', 'title: Chief'));
    server.child.kill('SIGHUP');
    await until(async () => (await title()) === 'Chief');
    await ldap.unbind();
  });
});
