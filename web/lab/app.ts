/**
 * The page of the labs: the task, the file to write, and what the judge says, side by side where there is room.
 * Nothing leaves the page; what was written is kept in the browser.
 */
import './app.css';
import type { CaseFailure, CaseResult } from '../../src/lab/lab.js';
import { passedOf } from '../../src/lab/verdict.js';
import type { PageLab, Question, Reply } from './messages.js';

/** A case takes milliseconds. One that takes this long never ends, on a slow machine neither (docs/labs.md). */
const PATIENCE_MS = 15_000;
/** To load the stack is no case: on a slow machine it takes its time. */
const LOADING_MS = 120_000;
/** After so long the page says what it waits for. */
const SLOW_MS = 1_500;
/** The file is judged when nothing was typed for so long. */
const PAUSE_MS = 700;

const KEY = 'fastpath lab ';
/** What the browser keeps of a lab that is green. */
const greenKey = (name: string) => `${KEY}${name} green`;

/** An element of index.html. */
function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as T;
}

const source = element<HTMLTextAreaElement>('source');
const hint = element<HTMLInputElement>('hint');

const labs = (await (await fetch('labs.json')).json()) as readonly PageLab[];
let lab = labs.find(({ name }) => `#${name}` === location.hash) ?? labs[0]!;
let worker: Worker | undefined;
let timer = 0;
let slow = 0;
let printed = '';
let results: CaseResult[] = [];

function make(tag: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

// ── The lab that is shown ──

function show(next: PageLab): void {
  lab = next;
  history.replaceState(null, '', `#${lab.name}`);
  element('title').textContent = lab.title;
  element('facts').textContent = `Read: ${lab.read.join('; ')}.`;
  element('task').innerHTML = lab.task;
  element('file').textContent = `src/${lab.file}`;
  source.value = localStorage.getItem(KEY + lab.name) ?? lab.source;
  drawLabs();
  check();
}

function drawLabs(): void {
  const items = labs.map((each) => {
    const isGreen = localStorage.getItem(greenKey(each.name)) !== null;
    const button = make('button', `${isGreen ? '✓ ' : ''}${each.name}`);
    button.setAttribute('aria-current', String(each === lab));
    if (isGreen) button.title = 'green';
    button.addEventListener('click', () => show(each));
    const item = document.createElement('li');
    item.append(button);
    return item;
  });
  element('labs').replaceChildren(...items);
}

// ── Judging ──

function check(): void {
  stop();
  results = [];
  printed = '';
  const started = new Worker('worker.js', { type: 'module' });
  worker = started;
  let during = 'loading the stack';
  let total = 0;
  const end = (text: string) => {
    stop();
    draw(text);
    showAsOld(false);
  };
  const wait = (milliseconds: number) => waitFor(milliseconds, during, end);
  started.onmessage = ({ data }: MessageEvent<Reply>) => {
    if (worker !== started) return;
    if (data.kind === 'prints') {
      printed += data.text;
      return;
    }
    if (data.kind === 'file') during = 'loading your file';
    else if (data.kind === 'begins') ({ name: during, total } = data);
    else if (data.kind === 'ended') results.push(data.result);
    wait(PATIENCE_MS);
    if (data.kind === 'trouble') end(red(`the file cannot be loaded: ${data.message}`));
    else if (data.kind === 'done') end(verdict(total));
  };
  started.onerror = (event) => end(red(event.message));
  const { name, file, scripts } = lab;
  started.postMessage({ lab: name, file, source: source.value, scripts } satisfies Question);
  wait(LOADING_MS);
  showAsOld(true);
  element('verdict').textContent = 'Judging …';
}

/** Waits for the worker: says after a while what for, and ends it when it takes too long. */
function waitFor(milliseconds: number, during: string, end: (text: string) => void): void {
  clearTimeout(timer);
  clearTimeout(slow);
  const seconds = milliseconds / 1000;
  const never = () => end(red(`your code did not come back within ${seconds} s, in: ${during}. An endless loop?`));
  const long = () => draw(`Judging … it takes long, in: ${during}. It is ended after ${seconds} s.`);
  timer = window.setTimeout(never, milliseconds);
  slow = window.setTimeout(long, SLOW_MS);
}

/** While it judges, what stands below is about the text of before: it is pale, and marked as busy. */
function showAsOld(isOld: boolean): void {
  for (const id of ['cases', 'failure', 'prints']) element(id).setAttribute('aria-busy', String(isOld));
}

function stop(): void {
  clearTimeout(timer);
  clearTimeout(slow);
  worker?.terminate();
  worker = undefined;
}

function verdict(total: number): string {
  const passed = passedOf(results);
  const count = `${passed} of ${total} cases pass`;
  if (passed < total || total === 0) return red(count);
  localStorage.setItem(greenKey(lab.name), '1');
  drawLabs();
  return `green: ${count}`;
}

/** The lab is red, for this reason. */
function red(reason: string): string {
  localStorage.removeItem(greenKey(lab.name));
  drawLabs();
  return `red: ${reason}`;
}

function draw(text: string): void {
  element('verdict').textContent = text;
  const prints = element('prints');
  prints.hidden = printed === '';
  element('printed').textContent = printed;
  element('cases').replaceChildren(
    ...results.map(({ name, failure }) => {
      const item = make('li', name, failure === undefined ? 'good' : 'bad');
      item.setAttribute('aria-label', `${failure === undefined ? 'passes' : 'fails'}: ${name}`);
      return item;
    }),
  );
  const failures = results.flatMap(({ name, failure }) => (failure ? [{ name, failure }] : []));
  const shown = failures.slice(0, hint.checked ? undefined : 1);
  element('failure').replaceChildren(
    ...shown.flatMap(({ name, failure }) => [make('h3', name), describeFailure(failure)]),
  );
}

function describeFailure(failure: CaseFailure): HTMLElement {
  const list = document.createElement('dl');
  const rows: [string, string][] = [
    ['before', failure.trace.join('\n')],
    ['looked at', failure.what],
    ['came', failure.came],
    ['expected', failure.expected],
    ['read', failure.section],
    ['think', failure.nudge],
    ['hint', hint.checked ? failure.hint : ''],
  ];
  for (const [label, text] of rows) if (text !== '') list.append(make('dt', label), make('dd', text));
  return list;
}

// ── The person ──

let pause = 0;
source.addEventListener('input', () => {
  localStorage.setItem(KEY + lab.name, source.value);
  clearTimeout(pause);
  pause = window.setTimeout(check, PAUSE_MS);
});
source.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) check();
});
element('check').addEventListener('click', check);
hint.addEventListener('change', () => draw(element('verdict').textContent));
element('again').addEventListener('click', () => {
  if (!confirm('Throw away what you have written in this lab?')) return;
  localStorage.removeItem(KEY + lab.name);
  show(lab);
});
show(lab);
