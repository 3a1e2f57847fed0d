/** What stands around a frame in its capture: its number, its times, its interface. */
import type { CaptureRecord, RecordedInterface } from '../capture/format/record.js';
import type { Dissection, FieldValue } from './field.js';
import { secondsText, type Time, timeBetween } from './time.js';

const MICROSECOND_TICKS = 1_000_000n;

export interface FrameInfo {
  readonly number: number;
  readonly time: Time;
  /** Since the first frame of the capture, the frame before, and the frame that was shown before. */
  readonly relative: Time;
  readonly delta: Time;
  readonly deltaShown: Time;
  /** Digits after the decimal point: 9 where the interface's clock is finer than a microsecond. */
  readonly digits: 6 | 9;
  readonly length: number;
  readonly captured: number;
  /** From 0, in the order in which the capture describes them. */
  readonly interfaceId: number;
  readonly interfaceName: string | undefined;
  readonly direction: 'in' | 'out' | undefined;
  readonly comment: string | undefined;
}

/** Keeps the times that a frame's times are counted from. */
export class FrameClock {
  #first: Time | undefined;
  #previous: Time | undefined;
  #shown: Time | undefined;

  /** Gathers what is to be shown besides the frame's content. Call it for each frame, in order. */
  info(record: CaptureRecord, owner: RecordedInterface | undefined, comment?: string): FrameInfo {
    const { microseconds, nanoseconds } = record;
    const time = { microseconds, nanoseconds };
    this.#first ??= time;
    const info: FrameInfo = {
      number: record.number,
      time,
      relative: timeBetween(this.#first, time),
      delta: timeBetween(this.#previous ?? time, time),
      deltaShown: timeBetween(this.#shown ?? time, time),
      digits: owner !== undefined && owner.ticksPerSecond > MICROSECOND_TICKS ? 9 : 6,
      length: record.originalLength,
      captured: record.to - record.from,
      interfaceId: record.interfaceIndex,
      interfaceName: owner?.name,
      direction: ([undefined, 'in', 'out'] as const)[record.direction],
      comment,
    };
    this.#previous = time;
    return info;
  }

  /** The frame is shown: the next `deltaShown` counts from it. */
  show({ time }: FrameInfo): void {
    this.#shown = time;
  }
}

/** The `frame.…` fields, which belong to no layer. */
export function frameValues(name: string, info: FrameInfo, dissection: Dissection): readonly FieldValue[] {
  switch (name) {
    case 'frame.number':
      return [info.number];
    case 'frame.time_epoch':
      return [secondsText(info.time)];
    case 'frame.time_relative':
      return [secondsText(info.relative)];
    case 'frame.time_delta':
      return [secondsText(info.delta)];
    case 'frame.time_delta_displayed':
      return [secondsText(info.deltaShown)];
    case 'frame.len':
      return [info.length];
    case 'frame.cap_len':
      return [info.captured];
    case 'frame.interface_id':
      return [info.interfaceId];
    case 'frame.interface_name':
      return present(info.interfaceName);
    case 'frame.direction':
      return present(info.direction);
    case 'frame.comment':
      return present(info.comment);
    case 'frame.protocols':
      return [dissection.layers.map(({ protocol }) => protocol).join(':')];
    case 'frame.note':
      return dissection.notes;
    case 'frame.problem':
      return dissection.layers.flatMap(({ problems }) => problems);
    default:
      return [];
  }
}

function present(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}
