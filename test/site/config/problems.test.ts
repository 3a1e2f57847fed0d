import { expect } from 'chai';
import { ConfigError } from '../../../src/site/config/problem.js';
import { ConfigFolder } from './support.js';

describe('a configuration that is wrong', () => {
  let folder: ConfigFolder;
  before(() => {
    folder = new ConfigFolder();
  });
  after(() => folder.remove());

  /** Each row: what is wrong, the text, and all that is said about it. */
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['an empty file', '# nothing\n', ['1:1 : the file is empty: begin with "sites:"']],
    [
      'a file that is no mapping',
      '- a\n- b\n',
      ['1:1 : must be a mapping, with a line "key: value" for each of its keys, not a list'],
    ],
    [
      'two colons in a line',
      'port: 80\nserverHeader: a: b\n',
      ['2:15 : a second ": " in one line: put the value into quotes, or begin a new line for the mapping'],
    ],
    ['a tab', 'sites:\n\t- folder: www\n', ['2:1 : a tab as indentation: YAML takes spaces only']],
    [
      'an open bracket',
      'sites: [\n',
      ['2:1 : a ] is missing, or this line of a list or mapping in brackets is not indented'],
    ],
    [
      'a bracket that is closed by a brace',
      'sites: [{folder: www]\nport: 80\n',
      ['1:21 : a } is missing, or this line of a list or mapping in brackets is not indented'],
    ],
    [
      'a key that begins left of those beside it',
      'sites:\n  - folder: www\n   hosts: [a.example]\n',
      ['3:4 : this line is indented too little: the keys of one mapping begin in the same column'],
    ],
    [
      'a key that begins left of those of the rule above it',
      'sites:\n  - folder: www\n    headers:\n      - path: /x\n     set: {A: b}\n',
      ['5:6 : this line is indented too little: the keys of one mapping begin in the same column'],
    ],
    [
      'a key that begins right of those beside it',
      'network:\n  address: 10.0.0.2\n    host: 10.0.0.1/24\n',
      ['3:5 : this line is indented too far: the keys of one mapping begin in the same column'],
    ],
    [
      'an item of a list that begins left of the others',
      'sites:\n    - folder: www\n  - folder: docs\n',
      ['3:3 : the lines "- …" of one list begin in the same column, and none stands among the keys of a mapping'],
    ],
    [
      'a quote that is not closed',
      "port: 80\nuser: 'www\nworkers: 2\n",
      ["2:7 : the quote ' that begins here is not closed"],
    ],
    [
      'no space behind a colon',
      'port:80\nworkers: 2\n',
      ['1:1 : between a key and its value stands ": ", a colon and a space, and this line has none'],
    ],
    [
      'a mapping in braces without a comma',
      'sites: [{folder: www hosts: a}]\n',
      ['1:18 : a comma is missing between the entries of { } or [ ], or a block stands between them'],
    ],
    [
      'globs of header rules that fit nothing',
      'sites:\n- folder: www\n  headers:\n' +
        '  - {match: assets/**, set: {A: b}}\n  - {match: "/a?b=*", set: {A: b}}\n  - {match: "", set: {A: b}}\n' +
        '  - {match: "http://a/*", set: {A: b}}\n',
      [
        '4:13 sites[0].headers[0].match: must begin with / if it has one: /assets/**, not "assets/**"',
        '5:13 sites[0].headers[1].match: must be a glob over the path: queries do not count, not "/a?b=*"',
        '6:13 sites[0].headers[2].match: must not be empty',
        '7:13 sites[0].headers[3].match: must be a glob over the path, such as /assets/**: the site names its hosts, ' +
          'not "http://a/*"',
      ],
    ],
    [
      'words of other servers, and keys that stand elsewhere',
      'listen: 80\nfolder: www\ncompress: off\nsites:\n- folder: www\n  server_name: a\n  domains: [a]\n  gzip: on\n' +
        '  port: 80\n  mimeTypes: {}\ntls: {cert: a, minversion: "1.2"}\nlimits: {keepAlive: 5}\nmaxObject: 1\n',
      [
        '1:1 listen: there is no such key; did you mean "port"?',
        '2:1 folder: there is no such key; it stands in each of "sites"',
        '3:1 compress: there is no such key; it stands in each of "sites"',
        '6:3 sites[0].server_name: there is no such key; did you mean "hosts"?',
        '7:3 sites[0].domains: there is no such key; did you mean "hosts"?',
        '8:3 sites[0].gzip: there is no such key; did you mean "compress"?',
        '9:3 sites[0].port: there is no such key; it stands at the top of the file',
        '10:3 sites[0].mimeTypes: there is no such key; did you mean "types"?',
        '11:7 tls.cert: there is no such key; did you mean "certificates"?',
        '11:16 tls.minversion: there is no such key; did you mean "minVersion"?',
        '12:10 limits.keepAlive: there is no such key; did you mean "idleTimeout"?',
        '13:1 maxObject: there is no such key; it stands in "cache"',
      ],
    ],
    [
      'a lone value in place of a mapping, and a number in quotes',
      'sites: [www]\nlog: access.log\nadmin: 127.0.0.1:9464\ncache: 512M\nport: "80"\n',
      [
        '1:9 sites[0]: must be a mapping, with a line "key: value" for each of its keys, not "www"; write {folder: www}',
        '2:6 log: must be a mapping, with a line "key: value" for each of its keys, not "access.log"; ' +
          'write {to: access.log}',
        '3:8 admin: must be a mapping, with a line "key: value" for each of its keys, not "127.0.0.1:9464"; ' +
          'write {listen: 127.0.0.1:9464}',
        '4:8 cache: must be a mapping, with a line "key: value" for each of its keys, not "512M"; write {size: 512M}',
        '5:7 port: must be a whole number from 1 to 65535, not "80"; take its quotes away',
      ],
    ],
    [
      'the home folder of a shell',
      'sites: [{folder: ~/www}]\n',
      [`1:18 sites[0].folder: ~/www: there is no such folder; ~ is not replaced: write the whole path, or \${HOME}`],
    ],
    [
      'a dash for standard output without its quotes',
      'port: 80\nlog: {to: -}\n',
      ['2:11 : a lone - begins a list: put it into quotes, "-"'],
    ],
    ['sites without one', 'port: 80\nsites:\n', ['2:1 sites: must have at least one site, not nothing']],
    [
      'a port alone as the address of administrators',
      'admin: {listen: "9464"}\n',
      [
        '1:17 admin.listen: must be an address with a port, such as 127.0.0.1:9464, or the path of a socket, ' +
          'not "9464"',
      ],
    ],
    ['a key that stands twice', 'port: 80\nport: 81\n', ['2:1 : the key "port" stands twice in the same mapping']],
    [
      'two documents',
      'port: 80\n---\nport: 81\n',
      ['2:1 : a configuration is one YAML document: remove the line "---" and what follows it'],
    ],
    [
      'an alias without its anchor, which may be a pattern without quotes',
      'limits: *none\n',
      ['1:9 : no value before this has the anchor &none; if it is no alias, put it into quotes: "*none"'],
    ],
    [
      'an alias inside the value of its anchor',
      'sites: &s\n  - folder: www\n    headers: *s\n',
      ['3:14 : this alias stands inside the value of its own anchor &s, which would never end'],
    ],
    [
      'the whole file in itself, and a mapping in itself',
      '&a\nsites: *a\nlimits: &l {header: *l}\ndefaults: &d\n  <<: *d\n',
      [
        '2:8 : this alias stands inside the value of its own anchor &a, which would never end',
        '3:21 : this alias stands inside the value of its own anchor &l, which would never end',
        '5:7 : this alias stands inside the value of its own anchor &d, which would never end',
      ],
    ],
    [
      'a file that is nested 800 levels deep',
      `port: 80\nsites: ${'['.repeat(800)}${']'.repeat(800)}\n`,
      ['2:39 : nested too deep: at most 32 lists and mappings may stand inside each other'],
    ],
    [
      'a file that is nothing but open brackets',
      '['.repeat(1_000_000),
      ['1:33 : nested too deep: at most 32 lists and mappings may stand inside each other'],
    ],
    [
      'aliases that make the value too deep, one by one',
      ['a0: &a0 [x]', ...Array.from({ length: 32 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`)].join('\n'),
      ['32:12 : nested too deep: at most 32 lists and mappings may stand inside each other'],
    ],
    [
      'a tag',
      'port: !number 80\n',
      ['1:7 : this tag (!name) has no meaning here: remove it, or put the value into quotes'],
    ],
    ['a wrong type', 'port: eighty\n', ['1:7 port: must be a whole number from 1 to 65535, not "eighty"']],
    [
      'a cache that can hold nothing',
      'cache: {size: 1k}\n',
      ['1:15 cache.size: is too small; it must be a size of at least 1M, such as 64M or 2G'],
    ],
    ['a number out of bounds', 'workers: 0\n', ['1:10 workers: must be a whole number from 1 to 64, not 0']],
    [
      'a switch of YAML 1.1',
      'network:\n  offload: no\n',
      ['2:12 network.offload: must be true or false, not "no"; write false'],
    ],
    ['a key that was misspelt', 'prot: 80\n', ['1:1 prot: there is no such key; did you mean "port"?']],
    [
      'a key as on the command line',
      'network:\n  super-segment: 64k\n',
      ['2:3 network.super-segment: there is no such key; did you mean "superSegment"?'],
    ],
    [
      'a key that is like no other',
      'reload:\n  frequency: 3\n',
      ['2:3 reload.frequency: there is no such key; here may stand: config, files, quiet, pollEvery'],
    ],
    [
      'a word that was misspelt',
      'unknownHost: misdirect\n',
      ['1:14 unknownHost: must be default, misdirected or close, not "misdirect"; did you mean "misdirected"?'],
    ],
    [
      'a size',
      'cache:\n  size: plenty\n',
      ['2:9 cache.size: must be a size of at least 1M, such as 64M or 2G, not "plenty"'],
    ],
    [
      'a duration out of bounds',
      'limits:\n  idleTimeout: 0s\n',
      ['2:16 limits.idleTimeout: is less than 1ms; it must be a duration, such as 500ms, 15s or 2m'],
    ],
    [
      'a bound that no request could keep',
      'limits:\n  header: 10\n',
      ['2:11 limits.header: is too small; it must be a size of at least 128, such as 4096 or 16k'],
    ],
    [
      'a setting of TCP',
      'tcp:\n  congestionControl: bbr\n  initialWindowSegments: 5000\n',
      [
        '2:22 tcp.congestionControl: must be cubic or newreno, not "bbr"',
        '3:26 tcp.initialWindowSegments: must be a whole number from 1 to 1000, not 5000',
      ],
    ],
    [
      'addresses',
      'network:\n  host: 10.0.0.300/24\n  address: [10.0.0.2, x]\n  gateway: fe80::1\n',
      [
        '2:9 network.host: must be an address, such as 10.77.0.1 or 10.77.0.1/24, not "10.0.0.300/24"',
        '3:23 network.address[1]: must be an address, such as 10.77.0.2 or 10.77.0.2/24, dhcp, or auto, not "x"',
        '4:12 network.gateway: must be an IPv4 address, such as 10.77.0.1, not "fe80::1"',
      ],
    ],
    [
      'a site without a folder',
      'sites:\n  - hosts: a.example\n',
      ['2:5 sites[0].folder: is missing (The folder with the files. It must be there)'],
    ],
    [
      'a folder that is not there, and one that is a file',
      'sites:\n  - folder: gone\n  - folder: www/index.html\n',
      [
        '2:13 sites[0].folder: gone: there is no such folder',
        '3:5 sites[1]: no request can reach this site: it has no "hosts", and sites[0] is the default site',
        '3:13 sites[1].folder: www/index.html: this is not a folder',
      ],
    ],
    [
      'a host with a scheme, a path, a port',
      'sites:\n  - folder: www\n    hosts: ["http://a", a/b, "a:80", "*.*.b"]\n',
      [
        '3:13 sites[0].hosts[0]: must be a host without a scheme, such as example.org, not "http://a"',
        '3:25 sites[0].hosts[1]: must be a host without a path, such as example.org, not "a/b"',
        '3:30 sites[0].hosts[2]: must be a host without a port; a site answers on the port of the server, not "a:80"',
        '3:38 sites[0].hosts[3]: must be a host: example.org, *.example.org for all names below it, or an address, ' +
          'not "*.*.b"',
      ],
    ],
    [
      'one host of two sites',
      'sites:\n  - folder: www\n    hosts: [a.example, b.example]\n  - folder: docs\n    hosts: c.example\n' +
        '    aliases: B.example\n',
      ['6:14 sites[1].aliases[0]: the host b.example stands in sites[0].hosts already; a host has one site'],
    ],
    [
      'a second site without hosts',
      'sites:\n  - folder: www\n    hosts: a.example\n  - folder: docs\n  - folder: www\n',
      ['5:5 sites[2]: no request can reach this site: it has no "hosts", and sites[1] is the default site'],
    ],
    [
      'a site without hosts beside one that is the default',
      'sites:\n  - folder: www\n  - folder: docs\n    isDefault: true\n',
      ['2:5 sites[0]: no request can reach this site: it has no "hosts", and sites[1] is the default site'],
    ],
    [
      'aliases without a host',
      'sites:\n  - folder: www\n    hosts: "*.a.example"\n    aliases: b.example\n',
      ['4:14 sites[0].aliases: aliases are redirected to the first of "hosts", which must be a host without *'],
    ],
    [
      'two default sites',
      'sites:\n  - {folder: www, isDefault: true}\n  - {folder: docs, isDefault: true}\n',
      ['3:31 sites[1].isDefault: another site is the default already; there is one'],
    ],
    [
      'redirects in a circle',
      'sites:\n  - folder: www\n    redirects:\n      - {from: /a, to: /b}\n      - {from: /b, to: "/a?x"}\n',
      [
        '4:16 sites[0].redirects[0].from: this redirect leads in a circle: /a → /b → /a',
        '5:16 sites[0].redirects[1].from: this redirect leads in a circle: /b → /a → /b',
      ],
    ],
    [
      'routes',
      'sites:\n  - folder: www\n    hosts: a.example\n    routes:\n      - {path: api, to: file}\n' +
        '      - {path: "/{a,b}", to: filee}\n      - {path: /x, to: [handler, file]}\n' +
        '      - {path: /y, methods: post, to: upstream}\n      - {path: /v, too: file}\n',
      [
        '5:16 sites[0].routes[0].path: must be a path that begins with /, such as /api/ or /*.png, not "api"',
        '6:16 sites[0].routes[1].path: may have the wildcards *, ** and ? only: write a route for each alternative',
        '6:30 sites[0].routes[1].to: must be cache, file, handler or "upstream NAME", or a list of them, not "filee"',
        '7:24 sites[0].routes[2].to: must be cache or file, and then handler or upstream NAME, not a list',
        '8:29 sites[0].routes[3].methods: must be a method in capitals, such as POST, or a list of them, not "post"',
        '8:39 sites[0].routes[3].to: must be cache, file, handler or "upstream NAME", or a list of them, not "upstream"',
        '9:9 sites[0].routes[4].to: is missing (Who answers: files in memory (`cache`), also those on disk (`file`), ' +
          '`handler` or `upstream NAME`; or a list: a file, and then one of the latter)',
        '9:20 sites[0].routes[4].too: there is no such key; did you mean "to"?',
      ],
    ],
    [
      'a route for a host that the site has not',
      'sites:\n  - folder: www\n    hosts: a.example\n    routes:\n' +
        '      - {path: /z, hosts: [a.example, b.example], to: handler}\n',
      ['5:39 sites[0].routes[0].hosts[1]: must stand in "hosts": the site has a.example'],
    ],
    [
      'a redirect that grows for ever',
      'sites:\n  - folder: www\n    redirects:\n      - {from: /a/*, to: "/a/b/:splat"}\n',
      ['4:16 sites[0].redirects[0].from: this redirect leads in a circle: /a/x → /a/b/x → /a/b/b/x → /a/b/b/b/x → …'],
    ],
    [
      'a redirect against clean URLs',
      'sites:\n  - folder: www\n    cleanUrls: true\n    redirects:\n      - {from: /about, to: /about.html}\n',
      ['5:16 sites[0].redirects[0].from: this redirect leads in a circle: /about → /about.html → /about'],
    ],
    [
      'a circle and a host of another site beside redirects that are wrong',
      'sites:\n  - {folder: www, hosts: a.example}\n  - folder: www\n    hosts: [a.example]\n    redirects:\n' +
        '      - {from: a, to: /x}\n      - {from: /a, to: /a}\n',
      [
        '4:13 sites[1].hosts[0]: the host a.example stands in sites[0].hosts already; a host has one site',
        '6:16 sites[1].redirects[0].from: must be a path that begins with /, such as /old or /old/*, not "a"',
        '7:16 sites[1].redirects[1].from: this redirect leads in a circle: /a → /a',
      ],
    ],
    [
      'a key that stands twice beside a variable that is not set and a wrong value',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference to a variable is what is tested
      'port: 80\nport: 81\nuser: ${NOPE}\nworkers: 0\n',
      [
        '2:1 : the key "port" stands twice in the same mapping',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: see above
        '3:7 : the environment variable NOPE is not set: set it, or write ${NOPE:-default}',
        '4:10 workers: must be a whole number from 1 to 64, not 0',
      ],
    ],
    [
      'globs with a bracket that is not closed, and a size below the least',
      'defaults:\n  headers:\n  - {match: "/a/{b", set: {A: b}}\n  - {match: "[a-", set: {A: b}}\nlog: {rotateSize: 1}\n',
      [
        '3:13 defaults.headers[0].match: has a { that no } closes',
        '4:13 defaults.headers[1].match: has a [ that no ] closes',
        '5:19 log.rotateSize: is less than 1024; it must be a size, such as 4096, 64k or 256M',
      ],
    ],
    [
      'patterns',
      'sites:\n  - folder: www\n    redirects:\n      - {from: a, to: b}\n      - {from: "/:a/:a", to: /x}\n' +
        '      - {from: "/*/b", to: /x}\n      - {from: "/é", to: "/é"}\n      - {from: /b, to: //evil}\n',
      [
        '4:16 sites[0].redirects[0].from: must be a path that begins with /, such as /old or /old/*, not "a"',
        '4:23 sites[0].redirects[0].to: must be a path that begins with /, or an http(s):// address, not "b"',
        '5:16 sites[0].redirects[1].from: has the same :name twice',
        '6:16 sites[0].redirects[2].from: may have one *, at its end: /old/*',
        '7:26 sites[0].redirects[3].to: must be printable ASCII without white space: percent-encode other ' +
          'characters, not "/é"',
        '8:24 sites[0].redirects[4].to: must not begin with //, which browsers take for another host, not "//evil"',
      ],
    ],
    [
      'a placeholder that "from" has not, and a rewrite to another host',
      'sites:\n  - folder: www\n    rewrites:\n      - {from: /u/*, to: /u/:id}\n      - {from: /v, to: "http://a/"}\n',
      [
        '4:26 sites[0].rewrites[0].to: names :id, which "from" does not have',
        '5:24 sites[0].rewrites[1].to: must be a path of this site that begins with /, not "http://a/"',
      ],
    ],
    [
      'header fields',
      'defaults:\n  headers:\n    - match: "*"\n      set:\n        a b: c\n        Server: x\n        X-N: 3\n' +
        '        X-L: "a\\nb"\n        X-U: ü\n',
      [
        '5:9 defaults.headers[0].set."a b": is no name of a header field: letters, digits and hyphens, such as ' +
          'Cache-Control',
        '6:9 defaults.headers[0].set.Server: is a field that the server itself makes; "serverHeader" decides about it',
        '7:14 defaults.headers[0].set.X-N: must be text, or null to take the field away, not 3; put it into quotes',
        '8:14 defaults.headers[0].set.X-L: must be one line: a header field has no line break (for a long one, ' +
          'write ">-" before it), not "a\\nb"',
        '9:14 defaults.headers[0].set.X-U: must be printable ASCII: percent-encode other characters, not "ü"',
      ],
    ],
    [
      'a charset, an error page, a type and an origin',
      'defaults:\n  charset: latin-77\n  errorPages: {200: /x.html, 404: x.html}\n  types: {.js: text/x, w: wasm}\n' +
        '  cors: example.org\n',
      [
        '2:12 defaults.charset: must be auto, none or a charset that browsers know, such as utf-8 or windows-1252, ' +
          'not "latin-77"',
        '3:16 defaults.errorPages.200: must be a status from 400 to 599',
        '3:35 defaults.errorPages.404: must be a path that begins with /, such as /index.html, not "x.html"',
        '4:11 defaults.types.".js": must be an extension without its dot, such as wasm',
        '4:27 defaults.types.w: must be a media type, such as application/wasm or text/plain; charset=utf-8, not "wasm"',
        '5:9 defaults.cors: must be true (all origins), false, or one origin, such as https://example.org, not "example.org"',
      ],
    ],
  ];
  for (const [what, text, expected] of rows) {
    it(`is told so with place, key and what is right: ${what}`, () => {
      expect(folder.problems(text)).to.deep.equal(expected);
    });
  }

  it('has every problem in one message, a line for each with the name of the file', () => {
    try {
      folder.load('port: 0\nworkers: 0\n');
      expect.fail('it was taken');
    } catch (error) {
      expect(error).to.be.instanceOf(ConfigError);
      const lines = (error as ConfigError).message.split('\n');
      expect(lines.map((line) => line.replace(`${folder.path}/`, '').slice(0, 19))).to.deep.equal([
        'site.yaml:1:7: port',
        'site.yaml:2:10: wor',
      ]);
    }
  });

  it('is found behind an alias and a merge key, at the line where it stands', () => {
    const text = ['defaults: &common', '  etag: 7', 'sites:', '  - <<: *common', '    folder: www'].join('\n');
    expect(folder.problems(text)).to.deep.equal([
      '2:9 sites[0].etag: must be true or false, not 7',
      '2:9 defaults.etag: must be true or false, not 7',
    ]);
  });

  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: a reference to a variable is what is tested
  it('may come from a variable that is nothing but brackets', () => {
    const [problem = ''] = folder.problems('port: ${PORT}\n', { PORT: '['.repeat(100_000) });
    expect(problem).to.contain('1:7 port: must be a whole number from 1 to 65535, not "[[[');
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

  it('does not blow up by aliases of aliases', () => {
    const lines = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++)
      lines.push(
        `b${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    const [problem = ''] = folder.problems(lines.join('\n'));
    expect(problem).to.contain('the aliases (*name) of this file cannot be resolved');
  });
});

describe('a configuration that is odd', () => {
  let folder: ConfigFolder;
  before(() => {
    folder = new ConfigFolder();
  });
  after(() => folder.remove());

  it('is taken, with a warning for a site that no request reaches, or for unknown hosts where all are known', () => {
    const text = (value: string) => `unknownHost: ${value}\nsites:\n  - folder: www\n`;
    expect(folder.warnings(`${text('close')}  - {folder: docs, hosts: a.example}\n`)).to.deep.equal([
      '1:14 unknownHost: sites[0] has no "hosts", so with "close" it answers no request',
    ]);
    expect(folder.warnings(text('close'))).to.deep.equal([
      '1:14 unknownHost: has no effect: no site has "hosts", so no host is unknown',
    ]);
    expect(folder.warnings(text('default'))).to.deep.equal([]);
  });

  it('is taken, with a warning for pages that nobody has', () => {
    const rewrites = '[{from: /a, to: /b.html}, {from: /c, to: /index.html}, {from: "/d/:e", to: "/:e.html"}]';
    expect(folder.warnings(`sites:\n  - folder: www\n    rewrites: ${rewrites}\n`)).to.deep.equal([
      '3:31 sites[0].rewrites[0].to: there is no file /b.html in www',
    ]);
    const text = 'sites:\n  - folder: www\n    spa: /app.html\n    errorPages: {404: /404.html, 500: /index.html}\n';
    expect(folder.warnings(text)).to.deep.equal([
      '4:23 sites[0].errorPages.404: there is no file /404.html in www',
      '3:10 sites[0].spa: there is no file /app.html in www',
    ]);
  });

  it('is taken, with a warning for a route that never counts', () => {
    const routes = ['{path: /a/, methods: GET, to: file}', '{path: /a/b, to: file}', '{path: /a/, to: handler}'];
    const behind = ['{path: "/a/*.js", to: cache}', '{path: /b, to: file}'];
    const text = `sites:\n  - folder: www\n    routes:\n${[...routes, ...behind].map((each) => `      - ${each}\n`).join('')}`;
    expect(folder.warnings(text)).to.deep.equal([
      '7:16 sites[0].routes[3].path: never counts: routes[2] (/a/) takes all of its requests',
    ]);
  });

  it('is taken, with a warning for a redirect behind one with the same pattern', () => {
    const rules = '[{from: /b, to: /c}, {from: /d, to: /e}, {from: /b, to: /f}]';
    expect(folder.warnings(`sites:\n  - folder: www\n    redirects: ${rules}\n`)).to.deep.equal([
      '3:64 sites[0].redirects[2].from: never counts: redirects[0] has the same pattern',
    ]);
  });

  it('is taken, with a warning for an upstream that no route leads to, and for a cache of no handler', () => {
    const upstreams =
      'upstreams:\n  app: {servers: [{url: "http://127.0.0.1:1"}]}\n  api: {servers: [{url: "http://127.0.0.1:2"}]}\n';
    const site = 'sites:\n  - folder: www\n    routes: [{path: /, to: [file, upstream app]}]\n';
    expect(folder.warnings(`${upstreams}${site}cache: {handler: true}\n`)).to.deep.equal([
      '3:8 upstreams.api: gets no requests: no route leads to it',
      '7:18 cache.handler: keeps nothing: there is no "handler", unless the command line has one',
    ]);
    expect(folder.warnings('sites: [{folder: www}]\ncache: {handler: false}\n')).to.deep.equal([]);
  });

  it('may give the version of TLS without quotes', () => {
    const versionOf = (text: string) =>
      folder.load(`sites: [{folder: www}]\ntls: {minVersion: ${text}}`).values.tls?.minVersion;
    expect([versionOf('1.2'), versionOf('"1.3"'), versionOf('1.3')]).to.deep.equal(['1.2', '1.3', '1.3']);
    expect(folder.problems('sites: [{folder: www}]\ntls: {minVersion: 1.1}')).to.deep.equal([
      '2:19 tls.minVersion: must be 1.2 or 1.3, not 1.1',
    ]);
  });

  it('is refused with the files that are not there beside what is wrong by itself', () => {
    const text =
      'sites: [{folder: www}]\nport: 0\nhandler: ./gone.js\nmodules: [{use: ./none.js}, {use: dns}]\n' +
      'tls: {certificates: [{certificate: gone.pem, key: /gone.key}]}\n';
    expect(folder.problems(text)).to.deep.equal([
      '2:7 port: must be a whole number from 1 to 65535, not 0',
      '3:10 handler: there is no file ./gone.js',
      '4:17 modules[0].use: there is no file ./none.js',
      '5:36 tls.certificates[0].certificate: there is no file gone.pem',
      '5:51 tls.certificates[0].key: there is no file /gone.key',
    ]);
  });
});
