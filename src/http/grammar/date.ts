/**
 * HTTP dates (RFC 9110 section 5.6.7), between bytes and seconds since 1970, without a Date object.
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT    IMF-fixdate, the one we send
 *     Sunday, 06-Nov-94 08:49:37 GMT   RFC 850, obsolete, to be understood
 *     Sun Nov  6 08:49:37 1994         asctime, obsolete, to be understood
 *
 * A date that is none of these is NaN: every comparison with it is false.
 */
import { latin1Text } from '../../net/wire/latin1.js';
import { COLON, COMMA, isDigit, SP } from './grammar.js';

export const HTTP_DATE_BYTES = 29;
const DAY_SECONDS = 86400;
const DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const HYPHEN = 0x2d;

/** Writes the IMF-fixdate of `seconds` (since 1970, an integer, year 1 to 9999): 29 bytes at `at`. */
export function writeHttpDate(bytes: Uint8Array, at: number, seconds: number): void {
  const days = Math.floor(seconds / DAY_SECONDS);
  const rest = seconds - days * DAY_SECONDS;
  const { year, month, day } = civilFromDays(days);
  writeText(bytes, at, DAY_NAMES[(((days + 3) % 7) + 7) % 7]!, 0, 3); // day 0 was a Thursday
  bytes[at + 3] = COMMA;
  bytes[at + 4] = SP;
  writeTwoDigits(bytes, at + 5, day);
  bytes[at + 7] = SP;
  writeText(bytes, at + 8, MONTHS, 3 * (month - 1), 3);
  bytes[at + 11] = SP;
  writeTwoDigits(bytes, at + 12, Math.floor(year / 100));
  writeTwoDigits(bytes, at + 14, year % 100);
  bytes[at + 16] = SP;
  writeTwoDigits(bytes, at + 17, Math.floor(rest / 3600));
  bytes[at + 19] = COLON;
  writeTwoDigits(bytes, at + 20, Math.floor(rest / 60) % 60);
  bytes[at + 22] = COLON;
  writeTwoDigits(bytes, at + 23, rest % 60);
  writeText(bytes, at + 25, ' GMT', 0, 4);
}

/** The IMF-fixdate of `seconds` as text. */
export function formatHttpDate(seconds: number): string {
  const bytes = new Uint8Array(HTTP_DATE_BYTES);
  writeHttpDate(bytes, 0, seconds);
  return latin1Text(bytes);
}

/**
 * The seconds since 1970 of the HTTP-date `bytes[from, to)`, or NaN.
 * `nowSeconds` settles the century of a two-digit year: more than 50 years ahead means the past.
 */
export function parseHttpDate(bytes: Uint8Array, from: number, to: number, nowSeconds: number): number {
  if (to - from < 24) return Number.NaN;
  if (bytes[from + 3] === COMMA) return parseImfFixdate(bytes, from, to);
  if (bytes[from + 3] === SP) return parseAsctime(bytes, from, to);
  return parseRfc850(bytes, from, to, nowSeconds);
}

function parseImfFixdate(bytes: Uint8Array, from: number, to: number): number {
  const wellFormed =
    to - from === HTTP_DATE_BYTES &&
    dayNameLength(bytes, from, 3) === 3 &&
    isText(bytes, from + 3, ', ') &&
    bytes[from + 7] === SP &&
    bytes[from + 11] === SP &&
    isText(bytes, from + 25, ' GMT') &&
    bytes[from + 16] === SP;
  if (!wellFormed) return Number.NaN;
  const year = twoDigits(bytes, from + 12) * 100 + twoDigits(bytes, from + 14);
  return secondsOf(year, monthNumber(bytes, from + 8), twoDigits(bytes, from + 5), timeOfDay(bytes, from + 17));
}

function parseRfc850(bytes: Uint8Array, from: number, to: number, nowSeconds: number): number {
  const date = from + dayNameLength(bytes, from, 9) + 2;
  const wellFormed =
    date > from + 2 &&
    to - date === 22 &&
    isText(bytes, date - 2, ', ') &&
    bytes[date + 2] === HYPHEN &&
    bytes[date + 6] === HYPHEN &&
    bytes[date + 9] === SP &&
    isText(bytes, date + 18, ' GMT');
  if (!wellFormed) return Number.NaN;
  const thisYear = civilFromDays(Math.floor(nowSeconds / DAY_SECONDS)).year;
  let year = Math.floor(thisYear / 100) * 100 + twoDigits(bytes, date + 7);
  if (year > thisYear + 50) year -= 100;
  return secondsOf(year, monthNumber(bytes, date + 3), twoDigits(bytes, date), timeOfDay(bytes, date + 10));
}

function parseAsctime(bytes: Uint8Array, from: number, to: number): number {
  const wellFormed =
    to - from === 24 &&
    dayNameLength(bytes, from, 3) === 3 &&
    bytes[from + 7] === SP &&
    bytes[from + 10] === SP &&
    bytes[from + 19] === SP;
  if (!wellFormed) return Number.NaN;
  const day = bytes[from + 8] === SP ? digit(bytes, from + 9) : twoDigits(bytes, from + 8);
  const year = twoDigits(bytes, from + 20) * 100 + twoDigits(bytes, from + 22);
  return secondsOf(year, monthNumber(bytes, from + 4), day, timeOfDay(bytes, from + 11));
}

/** NaN runs through the arithmetic: any part that is wrong makes the whole NaN. */
function secondsOf(year: number, month: number, day: number, secondOfDay: number): number {
  if (!(day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  return daysFromCivil(year, month, day) * DAY_SECONDS + secondOfDay;
}

/** hour ":" minute ":" second as seconds; 60 is a leap second. */
function timeOfDay(bytes: Uint8Array, at: number): number {
  const hour = twoDigits(bytes, at);
  const minute = twoDigits(bytes, at + 3);
  const second = twoDigits(bytes, at + 6);
  const wellFormed = bytes[at + 2] === COLON && bytes[at + 5] === COLON;
  return wellFormed && hour < 24 && minute < 60 && second <= 60 ? (hour * 60 + minute) * 60 + second : Number.NaN;
}

/** The length of the day name at `from`, cut to `letters` where it is longer; 0 if there is none. */
function dayNameLength(bytes: Uint8Array, from: number, letters: number): number {
  for (const name of DAY_NAMES) {
    const wanted = name.slice(0, letters);
    if (isText(bytes, from, wanted)) return wanted.length;
  }
  return 0;
}

/** 1 to 12, or NaN. */
function monthNumber(bytes: Uint8Array, at: number): number {
  for (let month = 0; month < 12; month++) {
    if (isText(bytes, at, MONTHS.slice(3 * month, 3 * month + 3))) return month + 1;
  }
  return Number.NaN;
}

function digit(bytes: Uint8Array, at: number): number {
  return isDigit(bytes[at]!) ? bytes[at]! - 0x30 : Number.NaN;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function writeText(bytes: Uint8Array, at: number, text: string, from: number, length: number): void {
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(from + i);
}

function writeTwoDigits(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = 0x30 + Math.floor(value / 10);
  bytes[at + 1] = 0x30 + (value % 10);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/*
 * Gregorian days. If a year begins in March, its leap day is its last day. So (153 * m + 2) / 5 days lie before month
 * m, counted from March, and leap years need no exception.
 */

/** Days from 1970-01-01 to this date of the Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = (month + 9) % 12;
  const beforeYear = 365 * marchYear + Math.floor(marchYear / 4) - Math.floor(marchYear / 100);
  const beforeMonth = Math.floor((153 * marchMonth + 2) / 5);
  return beforeYear + Math.floor(marchYear / 400) + beforeMonth + day - 1 - DAYS_TO_1970;
}

/** Days from 1 March of year 0 to 1 January 1970. */
const DAYS_TO_1970 = 719468;

function civilFromDays(days: number): { year: number; month: number; day: number } {
  let year = Math.floor((days + DAYS_TO_1970) / 365.2425);
  if (daysFromCivil(year + 1, 3, 1) <= days) year++;
  if (daysFromCivil(year, 3, 1) > days) year--;
  const dayOfYear = days - daysFromCivil(year, 3, 1);
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: marchMonth < 10 ? year : year + 1, month: marchMonth < 10 ? marchMonth + 3 : marchMonth - 9, day };
}
