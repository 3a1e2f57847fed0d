/** What the page of the labs and its worker say to each other. */
import type { CaseResult } from '../../src/lab/lab.js';

/** Judge this file. */
export interface Question {
  readonly lab: string;
  /** The product's file that it takes the place of, below src. */
  readonly file: string;
  readonly source: string;
  /** The packet scripts of the lab, by their paths below labs/. */
  readonly scripts: Readonly<Record<string, string>>;
}

export type Reply =
  | { readonly kind: 'begins'; readonly name: string; readonly total: number }
  | { readonly kind: 'ended'; readonly result: CaseResult }
  | { readonly kind: 'done' }
  /** The student's file is loaded now. */
  | { readonly kind: 'file' }
  /** The student's code prints this. */
  | { readonly kind: 'prints'; readonly text: string }
  | { readonly kind: 'trouble'; readonly message: string };

/** A lab as the build writes it for the page (dist/web/lab/labs.json). */
export interface PageLab {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly read: readonly string[];
  /** The scratch copy. */
  readonly source: string;
  /** The task in HTML, which the build has made of labs/NAME/README.md. */
  readonly task: string;
  readonly scripts: Readonly<Record<string, string>>;
}
