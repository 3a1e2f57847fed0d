/** The elements of the book's pages: `fp-figure`, `fp-script`, `fp-capture`. */
import type { AnyFigure } from '../../docs/book/figures/lib/figure.js';
import { CaptureApp } from './capture.js';
import { BookElement } from './element.js';
import { FigureApp } from './figure.js';
import { ScriptApp } from './script.js';
import { SumApp } from './sum.js';

interface Chapter {
  readonly figures: Readonly<Record<string, AnyFigure>>;
}

/** The figures of a chapter, fetched with the first one that is seen. The build makes a file of each chapter. */
async function figuresOf(chapter: string): Promise<Chapter['figures']> {
  const { figures } = (await import(`../../docs/book/figures/${chapter}.ts`)) as Chapter;
  return figures;
}

class FigureElement extends BookElement {
  protected async content() {
    const chapter = this.getAttribute('chapter') ?? '';
    const name = this.getAttribute('name') ?? '';
    const figure = (await figuresOf(chapter))[name];
    if (figure === undefined) throw new Error(`the chapter ${chapter} has no figure ${name}`);
    return figure.kind === 'sum' ? <SumApp figure={figure} /> : <FigureApp name={name} figure={figure} />;
  }
}

class ScriptElement extends BookElement {
  protected content() {
    const source = this.querySelector('pre')?.textContent ?? '';
    return <ScriptApp source={source} name={this.getAttribute('name') ?? 'script'} />;
  }
}

class CaptureElement extends BookElement {
  protected async content() {
    const url = this.querySelector('a')?.href ?? '';
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return <CaptureApp url={url} file={await answer.blob()} />;
  }
}

for (const [tag, element] of [
  ['fp-figure', FigureElement],
  ['fp-script', ScriptElement],
  ['fp-capture', CaptureElement],
] as const) {
  if (customElements.get(tag) === undefined) customElements.define(tag, element);
}
