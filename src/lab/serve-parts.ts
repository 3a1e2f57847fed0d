/**
 * Puts the student's parts into the stack of `fastpath lab serve`. Node loads it before everything else (--import), in
 * the main thread and in each worker.
 */
import { replaceEverywhere } from './load.js';
import { PARTS_VARIABLE, type Parts } from './parts.js';

const text = process.env[PARTS_VARIABLE];
if (text !== undefined) replaceEverywhere(JSON.parse(text) as Parts);
