import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { checkCommand } from '../../src/cli/check.js';
import { EXIT_CODE_OF } from '../../src/cli/exit-codes.js';
import { ServeError } from '../../src/serve/serve-error.js';
import { SCHEMA_FILE } from '../../src/site/config/json-schema.js';
import { ConfigFolder } from '../site/config/support.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

/** The command in this process, with what it prints. */
async function check(words: readonly string[]) {
  const [log, error] = [console.log, console.error];
  let [stdout, stderr] = ['', ''];
  console.log = (text: string) => {
    stdout += `${text}\n`;
  };
  console.error = (text: string) => {
    stderr += `${text}\n`;
  };
  process.exitCode = 0;
  try {
    await checkCommand().exitOverride().parseAsync(words, { from: 'user' });
    return { code: process.exitCode, stdout, stderr };
  } catch (failure) {
    if (!(failure instanceof ServeError)) throw failure;
    return { code: EXIT_CODE_OF[failure.code], stdout, stderr };
  } finally {
    [console.log, console.error] = [log, error];
    process.exitCode = 0;
  }
}

describe('fastpath check', () => {
  const example = join(ROOT, 'examples/config/two-hosts.yaml');
  let folder: ConfigFolder;
  before(() => {
    folder = new ConfigFolder();
    chmodSync(folder.path, 0o755); // as root, the server becomes nobody
    folder.write('wrong.yaml', 'prot: 80\nport: x\n');
    folder.write('odd.yaml', 'sites: [{folder: www, spa: /app.html}]\n');
  });
  after(() => folder.remove());

  it('prints what counts, and ends with 0', async () => {
    const { code, stdout, stderr } = await check([example]);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.contain('unknownHost: misdirected\n').and.contain('port: 80 # default\n');
    expect(parse(stdout).sites).to.have.length(2);
  });

  it('prints every problem, and ends with 2', async () => {
    const { code, stdout, stderr } = await check([folder.at('wrong.yaml')]);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr.replaceAll(`${folder.path}/`, '')).to.equal(
      'wrong.yaml:1:1: prot: there is no such key; did you mean "port"?\n' +
        'wrong.yaml:2:7: port: must be a whole number from 1 to 65535, not "x"\n',
    );
  });

  it('warns of what is odd, and ends with 0', async () => {
    const { code, stdout, stderr } = await check(['-q', folder.at('odd.yaml')]);
    expect([code, stdout]).to.deep.equal([0, '']);
    expect(stderr).to.contain('warning: ').and.contain('odd.yaml:1:28: sites[0].spa: there is no file /app.html in');
  });

  it('speaks JSON, right or wrong', async () => {
    const right = await check(['--json', example]);
    expect(JSON.parse(right.stdout)).to.include({ valid: true, file: example });
    const wrong = await check(['--json', folder.at('wrong.yaml')]);
    expect(wrong.code).to.equal(2);
    const { valid, problems } = JSON.parse(wrong.stdout) as { valid: boolean; problems: object[] };
    expect(valid).to.equal(false);
    expect(problems[0]).to.deep.equal({
      line: 1,
      column: 1,
      key: 'prot',
      message: 'there is no such key; did you mean "port"?',
    });
  });

  describe('refuses what serve refuses', () => {
    /** What is said of a configuration, without the path of the folder. */
    async function said(...lines: string[]): Promise<string[]> {
      folder.write('try.yaml', `${lines.join('\n')}\n`);
      const { stderr } = await check(['-q', folder.at('try.yaml')]);
      return stderr.trim().replaceAll(`${folder.path}/`, '').split('\n');
    }
    const SITE = 'sites: [{folder: www}]';

    it('routes that lead nowhere', async () => {
      const routes = 'routes: [{path: /, to: handler}, {path: /a, to: upstream ap}]';
      expect(
        await said(`sites: [{folder: www, ${routes}}]`, 'upstreams: {app: {servers: ["http://a"]}}'),
      ).to.deep.equal([
        'try.yaml:1:46: sites[0].routes[0].to: the route leads to the handler, and there is none; ' +
          'write "handler: ./app.js", or give --handler',
        'try.yaml:1:71: sites[0].routes[1].to: there is no upstream ap: there are app',
      ]);
    });

    it('a handler that is not there, is none, or has a mistake, with its place', async () => {
      folder.write('none.mjs', 'export const a = 1;\n');
      folder.write('typo.mjs', 'const a = 1;\nexport default (req, res => {};\n');
      folder.write('lost.mjs', "\nimport x from './gone.mjs';\n");
      folder.write('asleep.mjs', 'throw new Error("no database");\n');
      const handler = (name: string) => said(SITE, `handler: ./${name}`);
      const at = 'try.yaml:2:10: handler: ';
      expect(await handler('gone.mjs')).to.deep.equal([
        `${at}there is no handler gone.mjs; it is looked for at gone.mjs`,
      ]);
      expect((await handler('none.mjs'))[0]).to.contain(
        `${at}the handler none.mjs cannot be used: there is no default`,
      );
      expect((await handler('typo.mjs'))[0]).to.contain('cannot be used: typo.mjs:2:31: SyntaxError: Unexpected token');
      expect((await handler('lost.mjs'))[0]).to.contain(
        "cannot be used: lost.mjs:2:15: Error: Cannot find module 'gone",
      );
      expect((await handler('asleep.mjs'))[0]).to.contain('cannot be used: asleep.mjs:1:7: Error: no database');
    });

    it('options of modules, each with its place, and ports that two want', async () => {
      folder.write('a.zone', '$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n');
      const dns = '  - {use: dns, options: {prot: 1, port: "x", zones: [{zone: a.example, file: a.zone}]}}';
      expect(
        await said(SITE, 'modules:', dns, '  - {use: ftp, options: {port: 80}}', '  - {use: ./no.js}'),
      ).to.deep.equal([
        'try.yaml:3:26: modules[0].options.prot: there is no such key; did you mean "port"?',
        'try.yaml:3:41: modules[0].options.port: must be a number, not "x"',
        'try.yaml:4:32: modules[1].options.port: http and ftp both want tcp/80; ' +
          'give one of them another port, by its options in the configuration file',
        'try.yaml:5:11: modules[2].use: there is no module ./no.js; it is looked for at no.js',
      ]);
    });

    it('what options of modules name: zones, entries, sites', async () => {
      folder.write('bad.zone', '$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 1.2\n');
      folder.write('bad.ldif', 'dn: dc=a\nobjectClass top\n');
      const zones = 'zones: [{zone: a.example, file: bad.zone}]';
      const lines = [
        'modules:',
        `  - {use: dns, options: {${zones}}}`,
        '  - {use: ldap, options: {files: [bad.ldif]}}',
      ];
      const found = await said(SITE, ...lines, '  - {use: ftp, options: {site: 4}}');
      expect(found[0]).to.match(/^try.yaml:3:58: modules\[0\].options.zones\[0\].file: bad.zone:4: A needs an IPv4/);
      expect(found[1]).to.match(/^try.yaml:4:35: modules\[1\].options.files\[0\]: bad.ldif:2: /);
      expect(found[2]).to.match(/^try.yaml:5:32: modules\[2\].options.site: there is no site 4/);
    });

    it('modules that cannot begin', async () => {
      const source = (more: string) =>
        `export default { name: 'x', listeners: () => [{ transport: 'tcp', port: 7 }], ${more} };\n`;
      folder.write('create.mjs', source("create() { throw new Error('not today'); }"));
      folder.write('main.mjs', source("create: () => ({ accept() {} }), main() { throw new Error('no data'); }"));
      const begin = (name: string) => said(SITE, `modules: [{use: ./${name}}]`);
      expect((await begin('create.mjs'))[0]).to.match(
        /^try.yaml:2:17: modules\[0\].use: module x cannot begin: not today/,
      );
      expect((await begin('main.mjs'))[0]).to.match(/^try.yaml:2:17: modules\[0\].use: module x cannot begin: no data/);
    });

    it('certificates and keys: unreadable, of two pairs, ciphers that nobody knows; it warns of one that is over', async () => {
      const make = (name: string, ...more: string[]) =>
        execFileSync(
          'openssl',
          [
            ...[
              'req',
              '-x509',
              '-newkey',
              'ec',
              '-pkeyopt',
              'ec_paramgen_curve:P-256',
              '-nodes',
              '-subj',
              '/CN=a.example',
            ],
            ...['-addext', 'subjectAltName=DNS:a.example', '-keyout', folder.at(`${name}.key`)],
            ...['-out', folder.at(`${name}.pem`), ...more],
          ],
          { stdio: 'ignore' },
        );
      make('one', '-days', '90');
      make('two', '-days', '1');
      const tls = (certificate: string, key: string, more = '') =>
        said(SITE, `tls: {certificates: [{certificate: ${certificate}, key: ${key}}]${more}}`);
      expect(await tls('gone.pem', 'one.key')).to.deep.equal([
        'try.yaml:2:36: tls.certificates[0].certificate: gone.pem cannot be read: there is no such file; ' +
          'name a file that the server can read',
      ]);
      folder.write('none.pem', 'no certificate');
      const all = ['none.pem, key: gone.key', 'one.pem, key: two.key', 'gone.pem, key: one.pem'];
      const found = await said(SITE, `tls: {certificates: [{certificate: ${all.join('}, {certificate: ')}}]}`);
      expect(found.map((line) => line.replace(/^try.yaml:2:\d+: tls.certificates/, ''))).to.deep.equal([
        '[0].certificate: none.pem is no certificate in PEM; it begins with "-----BEGIN CERTIFICATE-----"',
        '[0].key: gone.key cannot be read: there is no such file; name a file that the server can read',
        '[1].key: the key two.key does not belong to the certificate one.pem; ' +
          'name the key that the certificate was asked for with',
        '[2].certificate: gone.pem cannot be read: there is no such file; name a file that the server can read',
        '[2].key: one.pem is no private key in PEM; it begins with "-----BEGIN PRIVATE KEY-----"',
      ]);
      expect((await tls('one.pem', 'two.key'))[0]).to.match(
        /^try.yaml:2:50: tls.certificates\[0\].key: the key two.key does not/,
      );
      expect((await tls('one.pem', 'one.key', ', ciphers: NONE'))[0]).to.match(
        /^try.yaml:2:\d+: tls.ciphers: .*OpenSSL says/,
      );
      expect((await tls('two.pem', 'two.key'))[0]).to.match(/^warning: try.yaml:2:\d+: tls.certificates: .*expires on/);
    });

    it('an address outside of the network of the other end, a router there, and more that fits no machine', async () => {
      const network = async (...keys: string[]) => (await said(SITE, `network: {${keys.join(', ')}}`))[0];
      const host = 'host: 10.77.0.1/24';
      expect(await network(host, 'address: 10.88.0.2')).to.match(
        /^try.yaml:2:40: network.address: 10.88.0.2 is not in the network of the host's end \(10.77.0.1\/24\); both/,
      );
      expect(await network(host, 'gateway: 10.88.0.1')).to.match(
        /^try.yaml:2:40: network.gateway: --gateway 10.88.0.1 is no neighbour of ours/,
      );
      expect(await network(host, 'address: 10.77.0.1')).to.match(/^try.yaml:2:40: network.address: 10.77.0.1 is an/);
      expect(await network('address: 10.77.0.255/24')).to.match(/^try.yaml:2:20: network.address: .* cannot be a host/);
      expect(await network(host, 'bridge: br0')).to.match(/^try.yaml:2:17: network.host: --host does not go with/);
      expect(await network('address: 10.0.0.2', 'hostname: web1')).to.match(/^try.yaml:2:40: network.hostname: /);
      expect(await network(host, 'address: [10.77.0.2, fd77::2]')).to.match(/network.address: fd77::2 is not in the/);
      for (const more of ['', `${host}, `]) {
        expect(await network(`${more}address: [10.77.0.2, 10.77.0.2]`)).to.match(
          /network.address: 10.77.0.2 stands there twice; name it once$/,
        );
      }
      for (const right of ['address: [10.1.0.2/24, 10.2.0.2/24]', 'bridge: br0, address: 10.88.0.2', 'address: dhcp']) {
        expect(await network(right), right).to.equal('');
      }
    });

    it('a key or a log that only root may use: a warning, an error', async function () {
      if (process.geteuid?.() !== 0) this.skip();
      chmodSync(folder.at('one.key'), 0o600);
      folder.write('root.log', '');
      chmodSync(folder.at('root.log'), 0o640);
      const tls = 'tls: {certificates: [{certificate: one.pem, key: one.key}]}';
      expect(await said(SITE, tls, 'user: nobody')).to.deep.equal([
        'warning: try.yaml:2:21: tls.certificates: the user nobody cannot read one.key: while the server runs, it can ' +
          'take neither a new certificate nor a new configuration; let that user read the file and enter its folders',
      ]);
      chmodSync(folder.at('one.key'), 0o644);
      expect(await said(SITE, tls, 'user: nobody')).to.deep.equal(['']);
      expect((await said(SITE, 'log: {to: root.log}', 'user: nobody'))[0]).to.equal(
        'try.yaml:2:11: log.to: the access log cannot be opened by the user nobody: root.log may not be written; ' +
          'name a file whose folder this user may write in',
      );
      chmodSync(folder.at('root.log'), 0o666);
      expect(await said(SITE, 'log: {to: root.log, rotateSize: 1m}', 'user: nobody')).to.deep.equal([
        `warning: try.yaml:2:33: log.rotateSize: the user nobody may not write in ${folder.path}: the log cannot be ` +
          'moved away when it is full, and grows without a bound; let that user write there, or leave it to logrotate',
      ]);
    });

    it('certificates by ACME without what a start needs', async () => {
      const acme = async (keys: string) =>
        (await said('sites: [{folder: www, hosts: [a.example]}]', `tls: {${keys}}`))[0];
      expect(await acme('acme: {email: a@b.example}')).to.match(
        /^try.yaml:2:13: tls.acme.folder: tls.acme needs email and folder; say whom/,
      );
      const rest = 'email: a@b.example, folder: keys';
      expect(await acme(`acme: {${rest}}`)).to.match(
        /^try.yaml:2:13: tls.acme.agree: tls.acme.agree is not true; read/,
      );
      const nobody = await said(SITE, `tls: {acme: {${rest}, agree: true}}`);
      expect(nobody[0]).to.match(/^try.yaml:2:13: tls.acme: there is no host to ask a certificate for; give a site/);
    });

    it('TLS without a certificate: a warning', async () => {
      expect(await said(SITE, 'tls: {port: 444}')).to.deep.equal([
        'warning: try.yaml:2:6: tls: has no "certificates", so there is no HTTPS unless the command line has one',
      ]);
    });

    it('a module whose schema or list of ports throws', async () => {
      const source = (more: string) => `export default { name: 'x', create: () => ({ accept() {} }), ${more} };\n`;
      folder.write('schema.mjs', source("listeners: () => [], options() { throw new Error('no schema'); }"));
      folder.write('ports.mjs', source("listeners() { throw new RangeError('no ports'); }"));
      const found = await said(SITE, 'modules:', '- use: ./schema.mjs', '- use: ./ports.mjs');
      expect(found[0]).to.match(
        /^try.yaml:3:8: modules\[0\].use: .*is no module that can be served: no schema \(at .*:1:/,
      );
      expect(found[1]).to.match(
        /^try.yaml:4:8: modules\[1\].use: .*is no module that can be served: no ports \(at .*:1:/,
      );
    });

    it('files and folders that cannot be written or read', async () => {
      const lines = [
        'log: {to: none/access.log}',
        'capture: {file: none/x.pcapng}',
        'admin: {listen: 127.0.0.1:1, tokenFile: t}',
      ];
      const found = await said(SITE, ...lines);
      expect(found.map((line) => line.split(': ').slice(0, 2).join(' '))).to.deep.equal([
        'try.yaml:2:11 log.to',
        'try.yaml:3:17 capture.file',
        'try.yaml:4:41 admin.tokenFile',
      ]);
    });

    it('a socket for administrators that cannot be made', async () => {
      folder.write('file', '');
      expect(await said(SITE, 'admin: {listen: ./nope/x.sock}')).to.deep.equal([
        'try.yaml:2:17: admin.listen: cannot listen on nope/x.sock for administrators: there is no folder nope; ' +
          'choose another address or path',
      ]);
      expect((await said(SITE, 'admin: {listen: ./file}'))[0]).to.contain('file is there, and is no socket; choose');
      expect(await said(SITE, 'admin: {listen: ./x.sock}')).to.deep.equal(['']);
    });

    it('options of a log that goes nowhere: a warning, for the command line may have the file', async () => {
      expect(await said(SITE, 'log: {format: json}')).to.deep.equal([
        'warning: try.yaml:2:6: log: options of an access log, and there is no log: write "to: FILE" beside them, ' +
          'unless the command line of the start has --access-log',
      ]);
      expect(await said(SITE, 'log: {format: combined}')).to.deep.equal(['']);
    });

    it('a burst without a rate: a warning, and the name that nginx has for a rate is none of a least one', async () => {
      expect(await said(SITE, 'limits: {requestBurst: 10}')).to.deep.equal([
        'warning: try.yaml:2:24: limits.requestBurst: a burst bounds nothing without a rate: write requestsPerSecond ' +
          'beside it (--max-request-rate)',
      ]);
      expect(await said(SITE, 'limits: {requestBurst: 10, requestsPerSecond: 5}')).to.deep.equal(['']);
      expect(await said(SITE, 'limits: {requestRate: 20, answerRate: 1k, minRequestrate: 1k}')).to.deep.equal([
        'try.yaml:2:10: limits.requestRate: there is no such key; did you mean "requestsPerSecond"?',
        'try.yaml:2:27: limits.answerRate: there is no such key; did you mean "minAnswerRate"?',
        'try.yaml:2:43: limits.minRequestrate: there is no such key; did you mean "minRequestRate"?',
      ]);
    });

    it('a user that does not exist', async () => {
      expect(await said(SITE, 'user: nobody-knows')).to.deep.equal([
        'try.yaml:2:7: user: there is no user nobody-knows',
      ]);
      expect(await said(SITE, 'user: nobody-knows', 'workers: 0')).to.deep.equal([
        'try.yaml:2:7: user: there is no user nobody-knows',
        'try.yaml:3:10: workers: must be a whole number from 1 to 64, not 0',
      ]);
      expect(await said('sites: [{folder: gone}]', 'user: nobody-knows')).to.deep.equal([
        'try.yaml:1:18: sites[0].folder: gone: there is no such folder',
        'try.yaml:2:7: user: there is no user nobody-knows',
      ]);
    });
  });

  it('says what is wrong with a file that is not there, or none', async () => {
    const gone = await check([folder.at('gone.yaml')]);
    expect([gone.code, gone.stderr.replace(`${folder.path}/`, '')]).to.deep.equal([
      2,
      'gone.yaml:1:1: there is no such file\n',
    ]);
    expect((await check([])).code).to.equal(2);
    folder.write('latin.yaml', Buffer.from('port: 80\nuser: www\nserverHeader: \xe9\n', 'latin1'));
    expect((await check([folder.at('latin.yaml')])).stderr.replace(`${folder.path}/`, '')).to.equal(
      'latin.yaml:3:15: the file is not UTF-8: here is a byte of another encoding\n',
    );
  });

  it('prints the JSON Schema', async () => {
    const { code, stdout } = await check(['--schema']);
    expect([code, JSON.parse(stdout)]).to.deep.equal([0, JSON.parse(read(SCHEMA_FILE))]);
  });
});
