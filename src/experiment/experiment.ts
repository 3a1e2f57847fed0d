/**
 * What an experiment is: it explains itself, runs a world of src/browser in virtual time, draws what happened, and asks
 * one question. The right answer is taken from the run, and never written down beforehand.
 */
import { type Chart, svg } from '../drawing/chart.js';
import { chartText } from '../drawing/chart-text.js';
import { type Frames, framesDrawing, framesText } from '../drawing/frames.js';
import { framed } from '../drawing/page.js';
import { wrapped } from '../drawing/wrap.js';

/** Letters of a line of text below a picture. */
const NOTE_WIDTH = 110;

/** One experiment. A new one is a file in this folder, and a line in experiments.ts. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** What happens and why, in plain words: paragraphs. They are printed before the run. */
  readonly explanation: readonly string[];
  /** Runs it. The same seed gives the same outcome, on every machine. */
  run(seed: number): Outcome;
}

/** What a run gave. */
export interface Outcome {
  readonly picture: Picture;
  /** What can be seen in the picture. All numbers come from the run. */
  readonly findings: readonly string[];
  readonly question: Question;
}

/** Frames between hosts, or values over time. */
export type Picture =
  | { readonly kind: 'frames'; readonly frames: Frames; readonly note: string }
  | { readonly kind: 'charts'; readonly charts: readonly Chart[] };

/** A question whose answer is a number. */
export interface Question {
  readonly text: string;
  /** The answer is the number of one of these, from 1. */
  readonly choices?: readonly string[];
  /** What stands behind the number: ms, bytes, segments. */
  readonly unit?: string;
  readonly answer: number;
  /** How far an answer may be away and still be right. Default 0. */
  readonly tolerance?: number;
  /** What to look at. It is printed after the first wrong answer of a person. */
  readonly hint: string;
  /** Why it is so. It is printed after an answer, right or wrong. */
  readonly because: string;
}

/** Whether `answer` is right. */
export function isRight({ answer, tolerance = 0 }: Question, given: number): boolean {
  return Math.abs(given - answer) <= tolerance;
}

/** What stands behind the question: the unit, and how near an answer has to be. '' if there is neither. */
export function unitText({ unit = '', tolerance = 0 }: Question): string {
  const near = tolerance > 0 ? `${tolerance} ${unit} more or less is right, too`.replace('  ', ' ') : '';
  const text = [unit, near].filter((part) => part !== '').join('; ');
  return text === '' ? '' : ` (${text})`;
}

/** The first words about an answer. */
export function verdictOn(question: Question, given: number): string {
  const answer = answerText(question);
  if (!isRight(question, given)) return `No: it is ${answer}.`;
  return shownNumber(question) === given ? 'Right.' : `Right: it is ${answer}.`;
}

/** The picture for a terminal. @param width its columns */
export function pictureText(picture: Picture, width?: number): string {
  if (picture.kind === 'frames') {
    const note = wrapped(picture.note, width ?? NOTE_WIDTH);
    return [framesText(picture.frames, width), '', ...note].join('\n');
  }
  return picture.charts.map((chart) => chartText(chart, width)).join('\n\n');
}

/** The picture as an SVG file. */
export function pictureSvg(picture: Picture): string {
  return picture.kind === 'frames' ? framed(framesDrawing(picture.frames)) : svg(picture.charts);
}

/** The right answer as a person writes it. */
export function answerText(question: Question): string {
  const number = shownNumber(question);
  return question.unit === undefined ? `${number}` : `${number} ${question.unit}`;
}

function shownNumber({ answer }: Question): number {
  return Number(answer.toFixed(1));
}
