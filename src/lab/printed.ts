/** What a student's code has printed, for the person who reads it. */
import { placeIn } from './judging/exceptions.js';

/** What the student prints is shown, in the terminal and in the page, up to this many characters. */
export const MOST_OUTPUT = 16_384;

/** A place in a stack that Node prints. Behind the last one, an error's own properties may begin. */
const FRAME = /^\s+at .*(?:file:|node:internal)\S*:\d+\)?(?: \{)?$/;

/** Stacks name the files as the student knows them, without the places in the judge and in Node. */
export function readablePrints(output: string): string {
  return output.split('\n').flatMap(readableLine).join('\n');
}

function readableLine(line: string): string[] {
  if (!FRAME.test(line)) return [line];
  const indent = line.slice(0, line.length - line.trimStart().length);
  const places = placeIn(line).map((place) => indent + place);
  return places.length === 0 && line.endsWith('{') ? [`${indent}{`] : places;
}
