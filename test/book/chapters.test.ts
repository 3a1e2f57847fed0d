/** The textbook of docs/book: every chapter has its parts, and nothing in it is stale. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { VIEWS } from '../../docs/book/figures/lib/figure.js';
import { BOOK, type Chapter, chapterOf, chapters } from '../../scripts/book/chapter.js';
import { codeOf, quotesOf, withQuotes } from '../../scripts/book/quote.js';
import { figuresOf, isCurrent, made } from '../../scripts/book/write.js';
import { runText } from '../../src/packetdrill/run/script-text.js';

const RUN = {
  profile: 'linux',
  definitions: new Map<string, string>(),
  overrides: {},
  seed: 1,
} as const;
const HEADINGS = ['What Linux does differently', 'Exercises', 'RFC sections'];
const [FEWEST_MINUTES, MOST_MINUTES] = [10, 15];
const EXERCISES = 5;

/** What a chapter lacks. */
function missing({ title, figures, scripts, captures, exercises, headings, minutes, text }: Chapter): string[] {
  const found: readonly (readonly [string, boolean])[] = [
    ['a title with its number', /^\d+\. ./.test(title)],
    ['a figure', figures.length > 0],
    ['a quotation of the source', quotesOf(text).length > 0],
    ['a packet script', scripts.length > 0],
    ['a capture', captures.length > 0],
    [`${EXERCISES} exercises with answers`, exercises >= EXERCISES],
    ...HEADINGS.map((heading) => [`the section "${heading}"`, headings.includes(heading)] as const),
    [
      `${FEWEST_MINUTES} to ${MOST_MINUTES} minutes of reading (it takes ${minutes.toFixed(1)})`,
      minutes >= FEWEST_MINUTES && minutes <= MOST_MINUTES,
    ],
  ];
  return found.flatMap(([part, isThere]) => (isThere ? [] : [part]));
}

describe('docs/book', () => {
  const all = chapters();

  it('has chapters, and each has all its parts', () => {
    expect(all).to.not.have.lengthOf(0);
    const lacks = all.map((chapter) => ({ name: chapter.name, missing: missing(chapter) }));
    expect(lacks.filter((chapter) => chapter.missing.length > 0)).to.deep.equal([]);
  });

  it('would notice a part that is missing', () => {
    const [first] = all;
    const cut = chapterOf('x', (first?.text ?? '').replace('<details>', '').replace(/^## RFC sections$/m, ''));
    const wanted = first !== undefined && first.exercises > EXERCISES ? 1 : 2;
    expect(missing(cut).length).to.equal(wanted);
  });

  it('would notice a chapter that takes too long to read, exercises not counted', () => {
    const [first] = all;
    const text = first?.text ?? '';
    const words = Array(1_500).fill('word').join(' ');
    expect(missing(chapterOf('x', text.replace(/^## RFC sections$/m, `${words}\n\n## RFC sections`)))).to.deep.equal(
      [],
    );
    const long = missing(chapterOf('x', text.replace(/^## Exercises$/m, `${words}\n\n## Exercises`)));
    expect(long.join()).to.match(/^10 to 15 minutes of reading \(it takes \d+\.\d\)$/);
  });

  it('shows all figures that it has, and none that it has not', async () => {
    for (const { name, figures } of all) {
      const shown = figures.map((figure) => `${figure.chapter} ${figure.name}`);
      const there = Object.keys(await figuresOf(name)).map((key) => `${name} ${key}`);
      expect(shown, name).to.have.members(there);
    }
  });

  it('has figures with a view, and with controls whose value is within their bounds', async () => {
    for (const { name } of all) {
      for (const [key, figure] of Object.entries(await figuresOf(name))) {
        expect(figure.tells).to.match(/\.$/);
        if (figure.kind === 'sum') continue;
        const { views, controls } = figure;
        expect(Object.keys(VIEWS), `${name} ${key}`).to.include.members([...views]);
        for (const { min, max, value } of Object.values(controls)) expect(value).to.be.within(min, max);
      }
    }
  });

  it('has quotations, pictures and captures that are current: npm run book -- --write makes them so', async () => {
    const stale = (await made()).filter((file) => !isCurrent(file)).map(({ path }) => path);
    expect(stale).to.deep.equal([]);
  });

  it('has no picture and no capture that is made no more', async () => {
    const known = new Set((await made()).map(({ path }) => path));
    const there = ['pictures', 'captures'].flatMap((folder) =>
      existsSync(join(BOOK, folder)) ? readdirSync(join(BOOK, folder)).map((name) => `${folder}/${name}`) : [],
    );
    expect(there.filter((path) => !known.has(path))).to.deep.equal([]);
  });

  it('has packet scripts that pass', () => {
    for (const { name, scripts } of all) {
      for (const [index, source] of scripts.entries()) {
        const { verdict, failure } = runText(`${name} script ${index + 1}`, source, 'ipv4', RUN);
        expect(verdict, `${name} script ${index + 1}: ${failure?.problem}\n${failure?.excerpt}`).to.equal('passed');
      }
    }
  });

  it('has its chapters in its table of contents', () => {
    const contents = readFileSync(join(BOOK, 'README.md'), 'utf8');
    for (const { name } of all) expect(contents).to.include(`(${name}.md)`);
  });
});

describe('a quotation of the book', () => {
  const source = [
    '/** Adds. */',
    'export function add(a: number, b: number): number {',
    '  return a + b;',
    '}',
    '',
    'export class Sum {',
    '  /** So far. */',
    '  get total(): number {',
    '    return this.#total;',
    '  }',
    '',
    '  // #region heart',
    '  #heart = 1;',
    '  // #endregion',
    '}',
    '',
    'const TABLE = [',
    '  1,',
    '];',
  ].join('\n');

  it('is a function, a member, a constant or a region, with its comment', () => {
    expect(codeOf(source, 'add')).to.equal(source.split('\n').slice(0, 4).join('\n'));
    expect(codeOf(source, 'Sum.total')).to.equal('/** So far. */\nget total(): number {\n  return this.#total;\n}');
    expect(codeOf(source, 'heart')).to.equal('#heart = 1;');
    expect(codeOf(source, 'TABLE')).to.equal('const TABLE = [\n  1,\n];');
    expect(() => codeOf(source, 'subtract')).to.throw('there is no subtract');
    expect(() => codeOf(source, 'Table.total')).to.throw('there is no Table.total');
  });

  it('is the function itself, though a call of it stands before it', () => {
    const called = `function twice(): number {\n  add(1, 2);\n}\n\n${source}`;
    expect(codeOf(called, 'add')).to.equal(source.split('\n').slice(0, 4).join('\n'));
  });

  it('leaves out the example of a comment', () => {
    const example = [' * @example', ' * ```ts', ' * add(1, 2);', ' * ```'];
    const body = ['export function add() {', '}'];
    const short = ['/**', ' * Adds.', ' *', ...example, ' */', ...body].join('\n');
    expect(codeOf(short, 'add')).to.equal(['/** Adds. */', ...body].join('\n'));
    const long = ['/**', ' * Adds.', ' * Twice.', ...example, ' * @throws never', ' */', ...body].join('\n');
    expect(codeOf(long, 'add')).to.equal(
      ['/**', ' * Adds.', ' * Twice.', ' * @throws never', ' */', ...body].join('\n'),
    );
  });

  it('is replaced when the source has changed', () => {
    const page = 'From [src/a.ts](../../src/a.ts), `add`:\n\n```ts\nold\n```\n\nAfter it.';
    expect(quotesOf(page).map(({ code }) => code)).to.deep.equal(['old']);
    const fresh = withQuotes(page, () => source);
    expect(fresh).to.include('return a + b;').and.include('After it.').and.not.include('old');
    expect(withQuotes(fresh, () => source)).to.equal(fresh);
  });
});
