/**
 * The configuration of a run: what the `--options` of the script and the command line say, and packetdrill's defaults.
 */
import { IpAddress } from '../../net/wire/address.js';
import type { Script } from '../language/ast.js';
import { defaultMtu, type Profile } from './profile.js';

/** The kinds of addresses that a script is run with: packetdrill runs each script once with each kind. */
export const IP_VERSIONS = ['ipv4', 'ipv6', 'ipv4-mapped-ipv6'] as const;
export type IpVersion = (typeof IP_VERSIONS)[number];

export interface ScriptConfig {
  readonly ipVersion: IpVersion;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly gateway: IpAddress;
  readonly bindPort: number;
  readonly connectPort: number;
  readonly mtu: number;
  /** A time may be off by this, or by a percentage of the time since the event before if that is more. */
  readonly toleranceUsecs: number;
  readonly tolerancePercent: number;
  /** Microseconds in a tick of TSval; 0: TSval is not compared. A strict run knows our stack's tick. */
  readonly timestampTick: number;
  /** A packet longer than a segment must come in one piece. */
  readonly strictSegments: boolean;
  /** TCP options have to come in the script's order, as packetdrill wants them. */
  readonly orderedOptions: boolean;
  /** PSH everywhere, usual IP fields where the script says nothing, and nothing left over at the end. */
  readonly strict: boolean;
}

/** An option has a value that makes no sense. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const PORTS: Range = { from: 1, to: 0xffff };
/** Microseconds of a TSval tick, up to the slowest clock that RFC 7323 section 5.4 allows: one second. */
const TICKS: Range = { from: 0, to: 1_000_000 };
/** Our stack's timestamp clock ticks each millisecond. */
const OUR_TICK = 1000;
/** RFC 791 section 3.2 and RFC 8200 section 5: the smallest MTU of a link. */
const LEAST_MTU_V4 = 68;
const LEAST_MTU_V6 = 1280;
const LARGEST_MTU = 0xffff;

const V4 = { local: '192.168.0.1', remote: '192.0.2.1', gateway: '192.168.0.2' };
const V6 = { local: 'fd3d:a0b:17d6::1', remote: 'fd3d:fa7b:d17d::1', gateway: 'fd3d:a0b:17d6:8888::1' };

/** Options about tools and machines that a virtual run does not have. */
const WITHOUT_MEANING = new Set([
  'code_command',
  'code_format',
  'code_sockopt',
  'debug',
  'define',
  'dry_run',
  'gateway_linklocal_ip',
  'init_scripts',
  'is_anyip',
  'local_linklocal_ip',
  'mss',
  'netmask_ip',
  'no_cleanup',
  'non_fatal',
  'persistent_tun_dev',
  'psp_udp_port',
  'send_omit_free',
  'so_filename',
  'so_flags',
  'speed',
  'tcp_md5_secret',
  'tcp_ts_ecr_scaled',
  'tun_dev',
  'udp_encapsulation',
  'verbose',
  'wire_client',
  'wire_client_dev',
  'wire_server',
  'wire_server_at',
  'wire_server_dev',
  'wire_server_ip',
  'wire_server_port',
]);

const KNOWN = new Set([
  'ip_version',
  'local_ip',
  'remote_ip',
  'gateway_ip',
  'bind_port',
  'connect_port',
  'mtu',
  'tolerance_usecs',
  'tolerance_percent',
  'tcp_ts_tick_usecs',
  'strict_segments',
  'strict',
]);

/** The configuration of one run. A script that names its IP version is run in that one. @throws {ConfigError} */
export function scriptConfig(
  script: Script,
  ipVersion: IpVersion,
  profile: Profile,
  overrides: Partial<ScriptConfig> = {},
): ScriptConfig {
  const values = new Map(script.options.map(({ name, value }) => [name, value ?? '']));
  for (const { name } of script.options) {
    if (!KNOWN.has(name) && !WITHOUT_MEANING.has(name)) throw new ConfigError(`unknown option --${name}`);
  }
  const version = values.has('ip_version') ? parseVersion(values.get('ip_version')!) : ipVersion;
  const defaults = version === 'ipv6' ? V6 : V4;
  const address = (name: string, fallback: string) => parseAddress(values.get(name) ?? fallback, version, fallback);
  const number = (name: string, fallback: number) => parseNumber(name, values.get(name), fallback);
  const whole = (name: string, fallback: number, range: Range) => parseWhole(name, values.get(name), fallback, range);
  const strict = overrides.strict ?? values.has('strict');
  const local = address('local_ip', defaults.local);
  const gateway = address('gateway_ip', defaults.gateway);
  return {
    ipVersion: version,
    local,
    remote: address('remote_ip', defaults.remote),
    gateway: gateway.equals(local) ? IpAddress.parse(defaults.gateway) : gateway,
    bindPort: whole('bind_port', 8080, PORTS),
    connectPort: whole('connect_port', 8080, PORTS),
    mtu: checkedMtu(number('mtu', defaultMtu(profile, version === 'ipv6')), local),
    toleranceUsecs: number('tolerance_usecs', 4000),
    tolerancePercent: number('tolerance_percent', 12.5),
    timestampTick: whole('tcp_ts_tick_usecs', strict ? OUR_TICK : 0, TICKS),
    strictSegments: values.has('strict_segments'),
    // Our stack writes options as Linux does; FreeBSD's scripts have them in FreeBSD's order.
    orderedOptions: strict || profile === 'linux',
    strict,
    ...overrides,
  };
}

/** The IP version that a script asks for; `undefined` if it leaves the choice. */
export function fixedVersion(script: Script): IpVersion | undefined {
  const option = script.options.find(({ name }) => name === 'ip_version');
  return option === undefined ? undefined : parseVersion(option.value ?? '');
}

/** What `#ifdef` asks for to know the system that a script runs on. */
const SYSTEM_NAMES: Readonly<Record<Profile, string>> = { linux: 'Linux', freebsd: 'FreeBSD' };

/** Words that are defined for every script: the name of the system, and those of packetdrill's own test runner. */
export function standardDefinitions(version: IpVersion, profile: Profile): ReadonlyMap<string, string> {
  const level = version === 'ipv4' ? 'IP' : 'IPV6';
  return new Map([
    [SYSTEM_NAMES[profile], ''],
    ['TFO_COOKIE', version === 'ipv6' ? 'c1d1e9742a47a9bc' : '3021b9d889017eeb'],
    ['CMSG_LEVEL_IP', `SOL_${level}`],
    ['CMSG_TYPE_RECVERR', `${level}_RECVERR`],
    ...(version === 'ipv6' ? [] : [['CODE', 'host_unreachable'] as const]),
  ]);
}

function parseVersion(text: string): IpVersion {
  const version = IP_VERSIONS.find((each) => each === text);
  if (version === undefined) throw new ConfigError(`--ip_version is ipv4, ipv6 or ipv4-mapped-ipv6, not "${text}"`);
  return version;
}

/** An address of the wrong family gives the default: a script with `--local_ip` may be run over the other family. */
function parseAddress(text: string, version: IpVersion, fallback: string): IpAddress {
  let address: IpAddress;
  try {
    address = IpAddress.parse(text.split('/')[0]!);
  } catch {
    throw new ConfigError(`not an IP address: "${text}"`);
  }
  return address.isV4 === (version !== 'ipv6') ? address : IpAddress.parse(fallback);
}

function parseNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0)
    throw new ConfigError(`--${name} wants a number, not "${text}"`);
  return value;
}

function parseWhole(name: string, text: string | undefined, fallback: number, { from, to }: Range): number {
  const value = parseNumber(name, text, fallback);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new ConfigError(`--${name} wants a whole number from ${from} to ${to}, not "${text}"`);
}

/** An MTU that a link may have in the family of `local`. @throws {ConfigError} */
export function checkedMtu(bytes: number, local: IpAddress): number {
  const least = local.isV4 ? LEAST_MTU_V4 : LEAST_MTU_V6;
  if (Number.isInteger(bytes) && bytes >= least && bytes <= LARGEST_MTU) return bytes;
  const family = local.isV4 ? 'IPv4' : 'IPv6';
  throw new ConfigError(`an MTU over ${family} is a whole number from ${least} to ${LARGEST_MTU}, not ${bytes}`);
}
