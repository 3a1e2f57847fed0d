/**
 * A custom element whose content is a Preact component in a shadow root: the styles of the book's pages stay outside,
 * ours stay inside. It begins when it comes near the reader's sight, since each figure runs a world of its own.
 */
import { type ComponentChild, render } from 'preact';
import uplotStyles from 'uplot/dist/uPlot.min.css';
import figureStyles from '../figures/style.css';
import bookStyles from './style.css';

/** How far from the sight an element begins, pixels. */
const NEAR = '400px';

export abstract class BookElement extends HTMLElement {
  #root: ShadowRoot | undefined;
  #sight: IntersectionObserver | undefined;
  #theme: MutationObserver | undefined;
  #begun = false;

  /** What is shown. May be called once only: the component keeps its own state. */
  protected abstract content(): ComponentChild | Promise<ComponentChild>;

  connectedCallback(): void {
    this.#sight = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.begin(), {
      rootMargin: NEAR,
    });
    this.#sight.observe(this);
    this.addEventListener('keydown', keepSlash);
    this.#takeTheme();
    this.#theme = new MutationObserver(() => this.#takeTheme());
    this.#theme.observe(document.documentElement, { attributeFilter: ['class'] });
  }

  disconnectedCallback(): void {
    this.#sight?.disconnect();
    this.#theme?.disconnect();
    if (this.#root !== undefined) render(null, this.#root);
    this.#begun = false;
  }

  /** Shows the content now. It sets the attribute `data-begun` when that is done, and `data-failed` if it cannot. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#sight?.disconnect();
    this.#show().then(
      () => this.setAttribute('data-begun', ''),
      (error: unknown) => {
        this.setAttribute('data-failed', String(error));
        console.error(error);
      },
    );
  }

  async #show(): Promise<void> {
    const content = await this.content();
    this.#root ??= this.attachShadow({ mode: 'open' });
    if (this.#root.adoptedStyleSheets.length === 0) this.#root.adoptedStyleSheets = sheets();
    render(content, this.#root);
  }

  #takeTheme(): void {
    this.dataset.theme = document.documentElement.classList.contains('dark') ? 'dark' : 'light';
  }
}

/** The pages open their search for a slash. Within an element a slash is a letter that the reader types. */
function keepSlash(event: KeyboardEvent): void {
  if (event.key === '/') event.stopPropagation();
}

let shared: CSSStyleSheet[] | undefined;

function sheets(): CSSStyleSheet[] {
  shared ??= [uplotStyles, figureStyles, bookStyles].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return shared;
}
