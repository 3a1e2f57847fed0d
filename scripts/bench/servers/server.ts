/** What the benchmark knows of a server: how to start it, where it answers, what to measure. */
import type { Network } from '../network.js';

/** What a server is given to start with. */
export interface Bench {
  /** Scratch folder for configurations and logs. */
  readonly folder: string;
  /** The objects to serve. */
  readonly site: string;
  readonly network: Network;
  readonly serverCpu: number;
}

export interface RunningServer {
  /** IPv4 address, as text. */
  readonly address: string;
  readonly port: number;
  /** Its CPU time and memory are those of this process and its descendants. */
  readonly pid: number;
  /** Why it ended, if it did. */
  readonly failure: string | undefined;
  stop(): Promise<void>;
}

export interface ServerKind {
  /** Its name on the command line and in the table. */
  readonly name: string;
  /** What is special about it, for the legend. */
  readonly note: string;
  /** The workloads that a quick run measures it with; absent: all. */
  readonly quick?: readonly string[];
  /** It may answer with any body of the right length: a floor program, which holds no files. */
  readonly anyBody?: boolean;
  start(bench: Bench): Promise<RunningServer>;
}
