/** Plays scenarios to both servers and says where the client can tell them apart. */
import { Conversation } from './conversation.js';
import type { Scenario } from './scenarios.js';
import type { Subject } from './servers.js';

/** What one server did in one scenario. */
export function playTo({ host }: Subject, scenario: Scenario, clientPort: number): string[] {
  const talk = new Conversation(host, clientPort, scenario.port ?? 80);
  try {
    return scenario.play(talk);
  } catch (error) {
    return [`failed: ${(error as Error).message}`];
  } finally {
    talk.say('R', { seq: talk.next });
    talk.listen(5, { acknowledge: false });
  }
}

export interface Comparison {
  readonly scenario: Scenario;
  readonly ours: readonly string[];
  readonly linux: readonly string[];
  readonly alike: boolean;
}

/**
 * How often a scenario is played before a difference is believed: on a busy machine a time may be of another kind once.
 */
const TRIES = 3;

/** Plays one scenario to both, from a port of its own. */
export function compare(subjects: readonly [Subject, Subject], scenario: Scenario, index: number): Comparison {
  for (let tries = 1; ; tries++) {
    const port = 30_000 + TRIES * index + tries;
    const [ours, linux] = subjects.map((subject) => playTo(subject, scenario, port)) as [string[], string[]];
    const alike = ours.join('\n') === linux.join('\n');
    if (alike || scenario.explained !== undefined || tries === TRIES) return { scenario, ours, linux, alike };
  }
}
