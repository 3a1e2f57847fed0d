/**
 * A lab: one small file of the product with a few bodies taken out. A student writes them again, and cases judge what
 * the student has written, inside the real stack. The reference answer is the product's own file.
 */

/** A function whose body is taken out. */
export interface Hole {
  /** The name as it stands in the source: `fold`, `#setRto`. */
  readonly name: string;
  /** What the body has to do, in lines of a comment. The docstring above the function stays, too. */
  readonly contract: readonly string[];
}

export interface Lab {
  /** The word on the command line. */
  readonly name: string;
  readonly title: string;
  /** The file of the product, below src. */
  readonly file: string;
  readonly holes: readonly Hole[];
  /** How long it takes a second-year student, minutes. */
  readonly minutes: number;
  /** What the student can do afterwards. */
  readonly goal: string;
  /** What to read first: RFC and section. */
  readonly read: readonly string[];
}

/** What a judge says about one case. */
export interface CaseResult {
  /** A sentence: what has to be so. */
  readonly name: string;
  readonly failure?: CaseFailure;
}

/** How a case failed, and what helps. */
export interface CaseFailure {
  /** What was looked at: a call, a frame, a line of a script. */
  readonly what: string;
  readonly came: string;
  readonly expected: string;
  /** What happened before, a line each: the frames of a script. */
  readonly trace: readonly string[];
  /** Where the rule stands: `RFC 1071 section 1`. */
  readonly section: string;
  /** A push in the right direction. */
  readonly nudge: string;
  /** Nearly the answer; shown on request. */
  readonly hint: string;
}

/** The whole judgement of a student's file. */
export interface Judgement {
  readonly lab: string;
  readonly isGreen: boolean;
  readonly cases: readonly CaseResult[];
  /** How many cases there are; those that were not reached are not in `cases`. */
  readonly total: number;
  /** Why judging ended early, or never began: a syntax error, an endless loop, a crash. */
  readonly trouble?: Trouble;
  readonly milliseconds: number;
}

/** What kept the cases from being judged. */
export interface Trouble {
  readonly kind: 'no file' | 'syntax' | 'load' | 'endless' | 'memory' | 'crash';
  readonly message: string;
  /** The case that ran then. */
  readonly during?: string;
}
