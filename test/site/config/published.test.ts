/** What people find besides the program: the JSON Schema, the page about the file, and the examples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { fixedValues, sections, withTables } from '../../../scripts/configuration/reference.js';
import { jsonSchema, SCHEMA_FILE } from '../../../src/site/config/json-schema.js';
import { factsOf } from '../../../src/site/config/keys.js';
import { loadConfiguration } from '../../../src/site/config/load.js';
import { ConfigFolder } from './support.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const EXAMPLES = readdirSync(join(ROOT, 'examples/config')).filter((name) => name.endsWith('.yaml'));
/** A file without a comment to its end: what one has to write. */
const MOST_LINES = 25;

/** Whether a value fits the JSON Schema; '' or what is wrong. */
function schemaErrors(value: unknown): string {
  validator ??= ajv.compile(jsonSchema());
  return validator(value) ? '' : ajv.errorsText(validator.errors);
}

const ajv = new Ajv2020({ strict: true, allErrors: true, strictTypes: false });
let validator: ValidateFunction | undefined;

describe('the JSON Schema of the configuration', () => {
  it('in the package is that of the program', () => {
    expect(JSON.parse(read(SCHEMA_FILE)), 'npm run configuration -- --write').to.deep.equal(
      JSON.parse(JSON.stringify(jsonSchema())),
    );
  });

  it('refuses what the program refuses: an unknown key, a wrong type, a word that is none', () => {
    expect(schemaErrors({ port: 80, sites: [{ folder: '.' }] })).to.equal('');
    expect(schemaErrors({ prot: 80 })).to.contain('must NOT have additional properties');
    expect(schemaErrors({ port: 'eighty' })).to.contain('must be integer');
    expect(schemaErrors({ sites: [{ folder: '.', trailingSlash: 'maybe' }] })).to.contain('allowed values');
    expect(schemaErrors({ sites: [{}] })).to.contain("must have required property 'folder'");
  });

  it('has a description for every key', () => {
    for (const [name, keys] of sections()) {
      for (const [key, type] of Object.entries(keys)) {
        expect(factsOf(type)?.description, `${name}.${key}`).to.be.a('string').with.length.greaterThan(8);
      }
    }
  });

  it('has defaults and examples that are right', () => {
    for (const [name, keys] of sections()) {
      for (const [key, type] of Object.entries(keys)) {
        const { default: value, example } = factsOf(type) ?? {};
        for (const each of [value, example]) {
          if (each !== undefined) expect(type.safeParse(each).success, `${name}.${key}: ${each}`).to.equal(true);
        }
      }
    }
  });
});

describe('docs/configuration.md', () => {
  it('has the keys of the program', () => {
    const page = read('docs/configuration.md');
    expect(withTables(page), 'npm run configuration -- --write').to.equal(page);
  });

  it('names every value of a key that has a fixed set of them', () => {
    const page = read('docs/configuration.md');
    let found = 0;
    for (const keys of sections().values()) {
      for (const [key, type] of Object.entries(keys)) {
        const values = fixedValues(type) ?? [];
        if (values.length > 0) found++;
        const rows = page.split('\n').filter((line) => line.startsWith(`| \`${key}\` |`));
        const isWhole = (row: string) => values.every((value) => row.includes(`\`${value}\``));
        expect(rows.some(isWhole), `${key}: ${values}`).to.equal(true);
      }
    }
    expect(found).to.be.greaterThan(5);
  });

  it('shows configurations that are right', () => {
    const [, example = ''] = /```yaml\n([^`]*)```/.exec(read('docs/configuration.md')) ?? [];
    expect(schemaErrors(parse(example))).to.equal('');
    const folder = new ConfigFolder();
    try {
      folder.write('docs/404.html', 'not there');
      expect(folder.problems(example)).to.deep.equal([]);
      expect(folder.warnings(example)).to.deep.equal([]);
    } finally {
      folder.remove();
    }
  });

  it('shows errors as they are', () => {
    const page = read('docs/configuration.md');
    const folder = new ConfigFolder();
    const text =
      'prot: 80\n\nsites:\n  - folder: www\n    hosts: [a, "http://a.example"]\n\n\n\n  - folder:   /srv/docs-that-are-not-there\n';
    try {
      for (const line of folder.problems(text)) {
        const told = line.replace('-that-are-not-there', '').replace(/^\d+:\d+ /, '');
        expect(page).to.contain(told);
      }
    } finally {
      folder.remove();
    }
  });
});

describe('examples/config', () => {
  for (const name of EXAMPLES) {
    it(`${name} is right, short, and fits the JSON Schema that it names`, () => {
      const text = read(`examples/config/${name}`);
      const [first = '', second = ''] = text.split('\n');
      expect(first).to.equal('# yaml-language-server: $schema=../../schema/site.schema.json');
      expect(second).to.match(/^# \S.*[.:]?/);
      expect(text.split('\n').length).to.be.at.most(MOST_LINES + 3);
      const { warnings, given } = loadConfiguration(join(ROOT, 'examples/config', name), {});
      expect(warnings).to.deep.equal([]);
      expect(schemaErrors(given)).to.equal('');
    });
  }

  it('has one for each use', () => {
    expect(EXAMPLES).to.include.members([
      'one-folder.yaml',
      'two-hosts.yaml',
      'single-page-app.yaml',
      'redirects-and-headers.yaml',
      'error-pages.yaml',
      'behind-a-bridge.yaml',
      'service.yaml',
    ]);
  });
});
