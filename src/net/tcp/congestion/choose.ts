/** Makes the congestion control that the settings name. */
import type { TcpSettings } from '../settings.js';
import type { CongestionControl } from './congestion.js';
import { Cubic } from './cubic.js';
import { NewReno } from './new-reno.js';

/** The control of a new connection whose full segments carry `mss` bytes. */
export function chooseCongestionControl(settings: TcpSettings, mss: number): CongestionControl {
  const Control = settings.congestionControl === 'cubic' ? Cubic : NewReno;
  return new Control(mss, settings.initialWindowSegments);
}
