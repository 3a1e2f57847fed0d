/**
 * The list of a folder (`browse`): one page of HTML, without anything from elsewhere. Folders come first. Without a
 * script it is a table in the order of names; with its few lines of script the headings sort it. Its
 * Content-Security-Policy allows these lines and this style by their hashes, and nothing else, so a file's name can
 * bring nothing to run.
 *
 * A name is bytes. The address has all of them, percent-encoded, and the text shows them as UTF-8.
 */
import { createHash } from 'node:crypto';
import type { Found, FoundFile, FoundFolder } from '../../cache/folder/folder.js';
import type { Listed } from '../../cache/folder/folder-rules.js';
import { encodePath, escapeHtml, sizeText } from '../../cache/head/heads.js';
import { countOf } from '../../words/numbers.js';

/** A longer list is cut: a browser would be slow with it, and so would be the making. */
const MOST_ENTRIES = 10_000;

const STYLE = `
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.25rem;margin:.5rem 0;overflow-wrap:anywhere}
nav ol{display:flex;flex-wrap:wrap;gap:.25rem;list-style:none;margin:0;padding:0}
nav li+li::before{content:"/";margin-right:.25rem}
table{border-collapse:collapse;width:100%}
caption{text-align:left;padding:.25rem .5rem}
th,td{text-align:left;font-weight:inherit;padding:.25rem .5rem;border-bottom:1px solid #8884}
tbody th{overflow-wrap:anywhere}
thead th{font-weight:600}
td{white-space:nowrap;font-variant-numeric:tabular-nums}
.size{text-align:right}
button{font:inherit;font-weight:600;color:inherit;background:none;border:0;padding:0;cursor:pointer}
[aria-sort=ascending] button::after{content:" \\2191"}
[aria-sort=descending] button::after{content:" \\2193"}
@media(max-width:36rem){.date{display:none}}
`;

const SCRIPT = `
const body = document.querySelector('tbody.list');
const heads = [...document.querySelectorAll('thead th')];
const value = (row, column) => row.cells[column].dataset.value;
const order = new Intl.Collator(undefined, { numeric: true }).compare;
heads.forEach((head, column) => {
  const button = document.createElement('button');
  button.type = 'button';
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener('click', () => {
    const isUp = head.getAttribute('aria-sort') !== 'ascending';
    heads.forEach((each) => each.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
    const rows = [...body.rows].sort((a, b) => (isUp ? 1 : -1) * order(value(a, column), value(b, column)));
    body.append(...rows.filter((row) => row.className), ...rows.filter((row) => !row.className));
  });
});
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The Content-Security-Policy of a list. A browser asks for /favicon.ico by itself: `img-src`. */
export const LISTING_POLICY = [
  "default-src 'none'",
  "img-src 'self'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const byName = new Intl.Collator('en', { numeric: true });

/** `path`: of the folder, without a slash at the end, '' for the root. `end`: what the path of a folder ends in. */
export function listingOf(path: string, { folders, files }: Listed, end: '/' | ''): string {
  const rows = [
    ...sorted(folders).map((folder) => folderRow(folder, end)),
    ...sorted(files).map((file) => fileRow(file)),
  ];
  const more = rows.length - MOST_ENTRIES;
  const title = `Index of ${html(path)}/`;
  const counts = `${countOf(folders.length, 'folder')}, ${countOf(files.length, 'file')}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<nav aria-label="Breadcrumb"><ol>${breadcrumbs(path, end)}</ol></nav>
<h1>${title}</h1>
</header>
<main>
<table>
<caption>${counts}${more > 0 ? `; ${more} of them are not shown` : ''}</caption>
<thead><tr><th scope="col" aria-sort="ascending">Name</th><th scope="col" class="size">Size</th>\
<th scope="col" class="date">Changed (UTC)</th></tr></thead>
${path === '' ? '' : `<tbody>${parentRow(path, end)}</tbody>\n`}<tbody class="list">
${rows.slice(0, MOST_ENTRIES).join('\n')}
</tbody>
</table>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function sorted<Item extends Found>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((a, b) => byName.compare(text(a.name), text(b.name)) || (a.name < b.name ? -1 : 1));
}

function breadcrumbs(path: string, end: string): string {
  const parts = path.split('/').slice(1);
  const links = parts.map((part, i) => {
    const current = i === parts.length - 1 ? ' aria-current="page"' : '';
    return `<li><a href="${address(`/${parts.slice(0, i + 1).join('/')}${end}`)}"${current}>${html(part)}</a></li>`;
  });
  return [`<li><a href="/"${path === '' ? ' aria-current="page"' : ''}>home</a></li>`, ...links].join('');
}

function parentRow(path: string, end: string): string {
  const parent = path.slice(0, path.lastIndexOf('/'));
  const href = parent === '' ? '/' : address(parent + end);
  return `<tr><th scope="row"><a href="${href}" rel="up">.. (parent folder)</a></th><td></td><td class="date"></td></tr>`;
}

function folderRow({ name, mtimeMs }: FoundFolder, end: string): string {
  const shown = html(lastOf(name));
  return (
    `<tr class="folder"><th scope="row" data-value="${shown}"><a href="${address(name + end)}">${shown}/</a></th>` +
    `<td class="size" data-value="0">–</td>${dateCell(mtimeMs)}</tr>`
  );
}

function fileRow({ name, size, mtimeMs }: FoundFile): string {
  const shown = html(lastOf(name));
  return (
    `<tr><th scope="row" data-value="${shown}"><a href="${address(name)}">${shown}</a></th>` +
    `<td class="size" data-value="${size}">${sizeText(size)}</td>${dateCell(mtimeMs)}</tr>`
  );
}

/** Without a date: what was removed while the list was made. */
function dateCell(mtimeMs: number | undefined): string {
  if (mtimeMs === undefined) return '<td class="date" data-value="">–</td>';
  const date = dateOf(mtimeMs);
  const shown = date.slice(0, 16).replace('T', ' ');
  return `<td class="date" data-value="${date}"><time datetime="${date}">${shown}</time></td>`;
}

/** A date that no calendar has is shown as the first one. */
function dateOf(mtimeMs: number): string {
  const seconds = Math.floor(mtimeMs / 1000);
  return new Date(Math.abs(seconds) < 8_640_000_000_000 ? seconds * 1000 : 0).toISOString().replace('.000', '');
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function address(name: string): string {
  return escapeHtml(encodePath(Buffer.from(name, 'latin1')));
}

function text(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function html(bytes: string): string {
  return escapeHtml(text(bytes));
}
