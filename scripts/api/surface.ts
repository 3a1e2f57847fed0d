/**
 * The public surface of the package, read from the `.d.ts` files of its entries: each export with its docstring and
 * its examples, and what its declaration mentions. TypeScript's parser is enough for that: it takes a second, and a
 * run of typedoc takes twenty. TypeScript 7 has no parser for programs, so this is the one that typedoc brings.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as typescript from 'typescript';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ts = createRequire(join(ROOT, 'scripts/api/package.json'))('typescript') as typeof typescript;

/** The entries of package.json: what a program imports, and the file behind it, without its extension. */
export const ENTRIES = [
  { specifier: 'fastpath', path: 'src/index' },
  { specifier: 'fastpath/browser', path: 'src/browser/index' },
  { specifier: 'fastpath/module', path: 'src/module/index' },
] as const;

/**
 * Types that a program hands on at most, and never names: what a `FolderServer` inherits at a hand-over, what a `Store`
 * asks with, what a `FolderLoader` is for the disk threads.
 */
export const OPAQUE = ['Inheritance', 'Asks', 'SupplySource'];

/** One exported name. */
export interface Export {
  readonly name: string;
  /** The heading above it in its entry: `// ── Devices: where frames come from ──`. */
  readonly section: string;
  /** The `.d.ts` file that declares it. */
  readonly file: string;
  /** A class, function or constant is a value. */
  readonly kind: 'value' | 'type';
  readonly declaration: typescript.DeclarationStatement | typescript.VariableStatement;
  /** The text of its docstring, without stars and tags. */
  readonly docstring: string;
  /** The code of its `@example` tags. */
  readonly examples: readonly string[];
  /** The names in its `@see {@link …}` tags. */
  readonly see: readonly string[];
}

const parsed = new Map<string, typescript.SourceFile>();

function parse(file: string): typescript.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  parsed.set(file, source);
  return source;
}

/** What an entry exports, in its order. `path` is one of `ENTRIES`. */
export function exportsOf(path: string): Export[] {
  const sections = sectionsOf(join(ROOT, `${path}.ts`));
  return Array.from(namesOf(join(ROOT, `dist/${path}.d.ts`)), ([name, { file, original }]) => {
    const declaration = declarationOf(file, original);
    return { name, section: sections.get(name) ?? '', file: declaration.file, ...documentationOf(declaration) };
  });
}

/** The heading above each export of an entry. */
function sectionsOf(file: string): Map<string, string> {
  const sections = new Map<string, string>();
  let section = '';
  for (const statement of parse(file).statements) {
    const before = statement.getFullText().slice(0, statement.getLeadingTriviaWidth());
    section = /^\/\/ ── (.*?) ─+$/m.exec(before)?.[1] ?? section;
    for (const { name } of exportedBy(statement)) sections.set(name, section);
  }
  return sections;
}

interface Exported {
  readonly name: string;
  readonly original: string;
  readonly from: string;
}

/** The names of `export { … } from '…'`. */
function exportedBy(statement: typescript.Statement): Exported[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return [];
  const { exportClause, moduleSpecifier } = statement;
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
  const from = (moduleSpecifier as typescript.StringLiteral).text;
  return exportClause.elements.map(({ name, propertyName }) => ({
    name: name.text,
    original: (propertyName ?? name).text,
    from,
  }));
}

function namesOf(file: string): Map<string, { file: string; original: string }> {
  const exported = parse(file).statements.flatMap(exportedBy);
  return new Map(exported.map(({ name, original, from }) => [name, { file: fileOf(file, from), original }]));
}

const fileOf = (importer: string, specifier: string) => resolve(dirname(importer), specifier.replace(/\.js$/, '.d.ts'));

type Declared = Pick<Export, 'file' | 'declaration'>;

/** Where `name` is declared: in `file`, or in the file from which that passes it on. */
function declarationOf(file: string, name: string): Declared {
  const declaration = parse(file).statements.find((statement) => isDeclarationOf(statement, name));
  if (declaration !== undefined) return { file, declaration: declaration as Export['declaration'] };
  const further = namesOf(file).get(name);
  if (further === undefined) throw new Error(`${file} does not declare ${name}`);
  return declarationOf(further.file, further.original);
}

function isDeclarationOf(statement: typescript.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((variable) => variable.name.getText() === name);
  }
  return 'name' in statement && (statement as typescript.DeclarationStatement).name?.getText() === name;
}

function documentationOf({ declaration }: Declared): Omit<Export, 'name' | 'file' | 'section'> {
  const comment = ts.getJSDocCommentsAndTags(declaration).filter(ts.isJSDoc).at(-1);
  const tags = comment?.tags ?? [];
  const text = (tag: typescript.JSDocTag) => tag.getText().replace(/^ *\* ?/gm, '');
  const isType = ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration);
  return {
    kind: isType ? 'type' : 'value',
    declaration,
    docstring: ts.getTextOfJSDocComment(comment?.comment) ?? '',
    examples: tags
      .filter((tag) => tag.tagName.text === 'example')
      .flatMap((tag) => Array.from(text(tag).matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code = '']) => code)),
    see: tags
      .filter((tag) => tag.tagName.text === 'see')
      .flatMap((tag) => Array.from(text(tag).matchAll(/\{@link ([\w.]+)\}/g), ([, name = '']) => name)),
  };
}

/** The docstring of an export and those of its members that the reference shows, without stars. */
export function docstringsOf({ declaration }: Export): string[] {
  const found: string[] = [];
  const visit = (node: typescript.Node): void => {
    if (isHidden(node)) return;
    const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
    if (comment !== undefined) found.push(comment.getText().replace(/^ *\* ?/gm, ''));
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

/** The targets of all `{@link …}` in the docstring of an export and in those of its members. */
export function linksOf({ declaration }: Export): string[] {
  return Array.from(declaration.getFullText().matchAll(/\{@link (\w+)/g), ([, name = '']) => name);
}

/**
 * The types that the declarations mention and that no entry exports, each as `name in file`: a program can't name
 * them. A member that is marked `@internal` is no part of the public surface.
 */
export function unexportedTypes(exports: readonly Export[]): string[] {
  const known = new Set(exports.map(({ file, declaration }) => `${nameOf(declaration)} ${file}`));
  const missing = new Set<string>();
  for (const { name, file, declaration } of exports) {
    for (const mentioned of mentionsOf(declaration)) {
      const origin = originOf(file, mentioned);
      if (OPAQUE.includes(mentioned)) continue;
      if (origin !== undefined && !known.has(`${mentioned} ${origin}`))
        missing.add(`${mentioned}, which ${name} needs`);
    }
  }
  return Array.from(missing);
}

function nameOf(declaration: Export['declaration']): string {
  if (ts.isVariableStatement(declaration)) return declaration.declarationList.declarations[0]?.name.getText() ?? '';
  return declaration.name?.getText() ?? '';
}

/** The names of the types in a declaration. Of a class or an interface, only the public members count. */
function mentionsOf(declaration: typescript.Node): Set<string> {
  const names = new Set<string>();
  const visit = (node: typescript.Node): void => {
    if (isHidden(node)) return;
    if (ts.isTypeReferenceNode(node)) names.add(firstName(node.typeName));
    if (ts.isTypeQueryNode(node)) names.add(firstName(node.exprName));
    if (ts.isExpressionWithTypeArguments(node) && ts.isInterfaceDeclaration(declaration)) {
      names.add(node.expression.getText()); // what a class inherits or implements stands in its own entry
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return names;
}

function isHidden(node: typescript.Node): boolean {
  if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)) {
    return true;
  }
  return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
}

const firstName = (name: typescript.EntityName): string => (ts.isIdentifier(name) ? name.text : firstName(name.left));

/** The file of ours that declares what `file` calls `name`; undefined for what is not ours. */
function originOf(file: string, name: string): string | undefined {
  const { statements } = parse(file);
  if (statements.some((statement) => isDeclarationOf(statement, name))) return file;
  for (const statement of statements.filter(ts.isImportDeclaration)) {
    const from = (statement.moduleSpecifier as typescript.StringLiteral).text;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings) || !from.startsWith('.')) continue;
    const found = bindings.elements.find((element) => element.name.text === name);
    if (found !== undefined) return declarationOf(fileOf(file, from), (found.propertyName ?? found.name).text).file;
  }
  return undefined;
}
