/** From where a log goes to the sink that takes its lines there. */
import type { LogTarget } from '../target.js';
import { DescriptorSink } from './descriptor.js';
import { FileSink, type Rotation } from './file.js';
import { NowhereSink } from './nowhere.js';
import type { Sink } from './sink.js';
import { SyslogSink } from './syslog.js';

const STDOUT = 1;

/** `warn` is told what people should know. @throws if it cannot be opened */
export function openSink(target: LogTarget, rotation: Rotation, warn: (text: string) => void): Sink {
  if (target.kind === 'file') return new FileSink(target.path, rotation, warn);
  if (target.kind === 'none') return new NowhereSink();
  return target.kind === 'stdout' ? new DescriptorSink(STDOUT, 'standard output') : new SyslogSink(target.to);
}
