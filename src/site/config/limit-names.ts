/**
 * The limits by their names in a configuration. Apart from their schema: every start needs the names, and the schema
 * only one with a configuration file.
 */
import type { HttpLimits } from '../../http/limits.js';
import type { LIMITS } from './sections/limits.js';

/** The name of each in HttpLimits. */
export const LIMIT_NAMES = {
  requestLine: 'requestLineBytes',
  header: 'headerBytes',
  fields: 'headerFields',
  body: 'bodyBytes',
  requests: 'requestsPerConnection',
  idleTimeout: 'idleTimeoutMs',
  headTimeout: 'headTimeoutMs',
  requestTimeout: 'requestTimeoutMs',
  stallTimeout: 'stallTimeoutMs',
  handlerTimeout: 'handlerTimeoutMs',
  handlerStallTimeout: 'handlerStallTimeoutMs',
  handlerStuck: 'handlerStuckMs',
  handlerBody: 'handlerBodyBytes',
  minRequestRate: 'requestRateBytes',
  minAnswerRate: 'answerRateBytes',
  connectionsPerClient: 'connectionsPerClient',
  unfinishedPerClient: 'unfinishedPerClient',
  requestsPerSecond: 'requestRate',
  requestBurst: 'requestBurst',
} as const satisfies Record<keyof (typeof LIMITS)['shape'], keyof HttpLimits>;
