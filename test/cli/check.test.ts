import { readFileSync } from 'node:fs';
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

  it('says what is wrong with a file that is not there, or none', async () => {
    const gone = await check([folder.at('gone.yaml')]);
    expect([gone.code, gone.stderr.replace(`${folder.path}/`, '')]).to.deep.equal([
      2,
      'gone.yaml:1:1: there is no such file\n',
    ]);
    expect((await check([])).code).to.equal(2);
  });

  it('prints the JSON Schema', async () => {
    const { code, stdout } = await check(['--schema']);
    expect([code, JSON.parse(stdout)]).to.deep.equal([0, JSON.parse(read(SCHEMA_FILE))]);
  });
});
