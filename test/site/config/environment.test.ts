// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are what is tested
import { expect } from 'chai';
import { expand } from '../../../src/site/config/environment.js';
import { ConfigFolder } from './support.js';

describe('environment variables in a configuration', () => {
  const said: string[] = [];
  const expandIn = (environment: Record<string, string>) => (text: string) => {
    said.length = 0;
    return expand(text, environment, (message) => said.push(message));
  };
  const value = expandIn({ A: 'one', EMPTY: '' });

  const rows: readonly (readonly [string, string])[] = [
    ['${A}', 'one'],
    ['x/${A}/${A}', 'x/one/one'],
    ['${A:-two}', 'one'],
    ['${B:-two}', 'two'],
    ['${B:-}', ''],
    ['${EMPTY:-two}', 'two'],
    ['${EMPTY}', ''],
    ['$${A}', '${A}'],
    ['$A costs $5', '$A costs $5'],
  ];
  for (const [text, expected] of rows) {
    it(`${text} is ${JSON.stringify(expected)}`, () => {
      expect(value(text)).to.equal(expected);
      expect(said).to.deep.equal([]);
    });
  }

  it('that are not set, or no names, are told', () => {
    value('${B}');
    expect(said).to.deep.equal(['the environment variable B is not set: set it, or write ${B:-default}']);
    value('${B:?where the site lies}');
    expect(said).to.deep.equal(['B: where the site lies']);
    value('${1}');
    expect(said[0]).to.contain('"${1}" is no reference to a variable');
    value('${A');
    expect(said[0]).to.contain('"${" is no reference to a variable');
  });

  describe('in a file', () => {
    let folder: ConfigFolder;
    before(() => {
      folder = new ConfigFolder();
    });
    after(() => folder.remove());

    it('may be numbers and switches where there are no quotes', () => {
      const text = 'port: ${PORT}\nnetwork: {offload: "${OFFLOAD}"}\nsites:\n  - folder: ${WHERE}\n';
      const environment = { PORT: '8080', OFFLOAD: 'true', WHERE: 'www' };
      expect(folder.problems(text, environment)).to.deep.equal([
        '2:20 network.offload: must be true or false, not "true"',
      ]);
      const loaded = folder.load(text.replace(/^network.*\n/m, ''), environment);
      expect([loaded.values.port, loaded.values.sites?.[0]?.folder]).to.deep.equal([8080, folder.at('www')]);
    });

    it('never change the structure of the file', () => {
      const text = 'capture:\n  file: /${NAME}\n';
      expect(folder.load(text, { NAME: 'a\nport: 1' }).values).to.deep.equal({ capture: { file: '/a\nport: 1' } });
      expect(folder.load('serverHeader: ${NAME}\n', { NAME: '{port: 1}' }).values).to.deep.equal({
        serverHeader: '{port: 1}',
      });
    });

    it('that are not set are told with their place', () => {
      expect(folder.problems('port: 80\nserverHeader: ${NAME}\n')).to.deep.equal([
        '2:15 : the environment variable NAME is not set: set it, or write ${NAME:-default}',
      ]);
    });
  });
});
