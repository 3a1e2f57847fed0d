/** FTP and LDAP as clients speak them over a TAP interface, captured, and read by us as by tshark. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { exampleLdif } from '../ldap/support.js';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { compareFields, dissectAll, sharedFields } from '../support/tshark.js';

const OURS = '10.77.0.2';
const PERSON = 'uid=user1,ou=people,dc=example,dc=org';
/** tshark says EPASV for EPSV, and gives the command before the one that the data is for. */
const OTHER_TEXT = /^ftp-data\.(setup-method|command)/;
const NONE = /^$/;

describeInNamespace(import.meta.url, 'dissection of captures of FTP and LDAP', () => {
  const folder = readableFolder('fastpath-modules-');
  const capture = join(folder, 'run.pcapng');

  before(async function () {
    needs(this, 'tshark', 'ldapsearch', 'ldapmodify', 'curl');
    mkdirSync(join(folder, 'site', 'docs'), { recursive: true });
    writeFileSync(join(folder, 'site', 'docs', 'text.txt'), 'GET / HTTP/1.1\r\n\r\n'.repeat(500));
    writeFileSync(join(folder, 'people.ldif'), exampleLdif());
    const modules = '[{ use: ftp }, { use: ldap, options: { files: [people.ldif] } }]';
    writeFileSync(join(folder, 'site.yaml'), `sites: [{ folder: site }]\nmodules: ${modules}\n`);
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    const args = [join(folder, 'site.yaml'), '--no-offload', '--pcap', capture];
    const server = await ServeProcess.start(args, { env, cwd: folder });
    await clients(folder);
    await server.end('SIGINT');
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('agrees with tshark about all fields of FTP, and finds its data connections', async () => {
    const names = sharedFields(/^ftp(-data)?\./, OTHER_TEXT);
    // tshark finds no data connection that the server opens, unless it comes from port 20.
    const { differences, compared, problems } = await compareFields(capture, names, /^ftp-data\.setup-frame$/);
    expect(differences.slice(0, 5)).to.deep.equal([]);
    expect(problems).to.deep.equal([]);
    expect(compared.size).to.be.greaterThan(12);
    const data = (await dissectAll(capture)).filter(({ layers }) =>
      layers.some(({ protocol }) => protocol === 'ftp-data'),
    );
    expect(data.length).to.be.greaterThan(20);
    expect(data.every(({ summary }) => summary.includes('FTP data: '))).to.equal(true);
  });

  it('agrees with tshark about all fields of LDAP', async () => {
    const names = sharedFields(/^ldap\./, NONE);
    const { differences, compared, problems } = await compareFields(capture, names, NONE);
    expect(differences.slice(0, 5)).to.deep.equal([]);
    expect(problems).to.deep.equal([]);
    expect(compared.size).to.be.greaterThan(35);
    const all = (await dissectAll(capture)).map(({ summary }) => summary);
    const text = '(&(uid=user*)(!(cn=a\\2ab))(uidnumber>=1003)(cn:dn:2.5.13.5:=x))';
    expect(all.some((line) => line.includes(text))).to.equal(true);
  });
});

/** What is captured. */
async function clients(folder: string): Promise<void> {
  const url = `ftp://${OURS}/docs/text.txt`;
  const curl = (...args: readonly string[]) => run('curl', [...CURL, '-o', '/dev/null', ...args]);
  for (const how of [['--ftp-pasv'], ['--disable-epsv'], ['-P', '-'], ['-P', '-', '--disable-eprt']]) {
    await curl(...how, url);
  }
  await curl(`ftp://${OURS}/`);
  await curl('-I', url);
  await curl('-T', join(folder, 'people.ldif'), `ftp://${OURS}/docs/`);
  const ldap = (program: string, ...args: readonly string[]) => run(program, ['-x', '-H', `ldap://${OURS}`, ...args]);
  const search = (...args: readonly string[]) => ldap('ldapsearch', '-b', 'dc=example,dc=org', ...args);
  await search('-z', '20');
  await search('(&(uid=user*)(!(cn=a\\2ab))(uidnumber>=1003)(cn:dn:2.5.13.5:=x))', 'cn', 'mail');
  await search('(|(cn=A*d*a*e)(uidNumber<=1003)(sn~=Turing)(objectClass=*))', '-E', 'pr=7/noprompt');
  await search('-A', '-s', 'one', '-l', '3', '-a', 'search');
  await search('-e', '!manageDSAit', '(uid=user2)');
  await search('-b', `cn=x,${PERSON}`);
  await ldap('ldapwhoami', '-D', PERSON, '-w', 'wrong');
  await ldap('ldapcompare', PERSON, 'sn:Lovelace');
  await run('ldapwhoami', ['-H', `ldap://${OURS}`, '-Y', 'EXTERNAL']);
  const changes = [
    `dn: ${PERSON}\nchangetype: modify\nreplace: sn\nsn: Other\n`,
    `dn: cn=new,${PERSON}\nchangetype: add\nobjectClass: person\ncn: new\nsn: x\n`,
    `dn: ${PERSON}\nchangetype: delete\n`,
    `dn: ${PERSON}\nchangetype: modrdn\nnewrdn: uid=other\ndeleteoldrdn: 1\nnewsuperior: dc=example,dc=org\n`,
  ];
  writeFileSync(join(folder, 'changes.ldif'), changes.join('\n'));
  await ldap('ldapmodify', '-c', '-f', join(folder, 'changes.ldif'));
}
