/** Metrics of the access log, the workers' memory, and the server as a whole. */
import { by, type Metric, one, perWorker } from './metric.js';

const MICROSECOND = 1e-6;

export const PROCESS: readonly Metric[] = [
  one('fastpath_log_records_total', 'log.records', 'Records that workers handed to the log thread.'),
  one('fastpath_log_waits_total', 'log.waits', "Times that a connection's input waited for room in the log."),
  one(
    'fastpath_log_records_lost_total',
    'log.lost',
    'Records that found no slot: thousands of connections ended at once.',
  ),
  one('fastpath_channel_connections_total', 'channel.opened', 'Connections opened in another thread.'),
  one('fastpath_channel_connections', 'channel.open', 'Connections that are open in another thread.'),
  one('fastpath_channel_refused_total', 'channel.refused', 'Connections that another thread had no room for.'),
  one('fastpath_channel_up_bytes_total', 'channel.bytesUp', 'Bytes from clients to another thread.'),
  one('fastpath_channel_down_bytes_total', 'channel.bytesDown', 'Bytes from another thread to clients.'),
  one('fastpath_channel_wake_ups_total', 'channel.wakeUps', 'Times that a worker woke another thread.'),
  by(
    'fastpath_handler_threads_total',
    'event',
    'handler',
    { restarted: 'restarts', stuck: 'stuck', replaced: 'replaced' },
    "What has happened to the handler's thread: it ended and began again, it stood still, a new one took its place.",
  ),
  by(
    'fastpath_proxy_threads_total',
    'event',
    'proxy',
    { restarted: 'restarts', stuck: 'stuck', replaced: 'replaced' },
    "The same for the proxy's thread.",
  ),
  one('fastpath_log_lines_total', 'logThread.lines', 'Lines of the access log (records, if it goes nowhere).'),
  one('fastpath_log_written_bytes_total', 'logThread.bytes', 'Bytes of the access log.'),
  one('fastpath_log_dropped_total', 'logThread.dropped', 'Records dropped because the log could not be written.'),
  one('fastpath_log_failures_total', 'logThread.failures', 'Failed attempts to write the log.'),
  one('fastpath_log_failed_rotations_total', 'logThread.failedRotations', 'Failed attempts to move a full log away.'),
  perWorker('fastpath_worker_heap_used_bytes', 'heap.usedBytes', "V8's heap in a worker: what is used."),
  perWorker('fastpath_worker_heap_size_bytes', 'heap.totalBytes', "V8's heap in a worker: what is reserved."),
  perWorker('fastpath_worker_gc_total', 'heap.collections', 'Garbage collections in a worker.'),
  perWorker(
    'fastpath_worker_gc_seconds_total',
    'heap.collectionMicroseconds',
    'Time of garbage collections in a worker.',
    MICROSECOND,
  ),
  perWorker(
    'fastpath_worker_heartbeat_total',
    'worker.heartbeat',
    'Times that a worker published its counters, four a second. If it stands still, the worker is stuck.',
  ),
  one('fastpath_workers', 'server.workers', 'Data-path workers.'),
  one('fastpath_uptime_seconds', 'server.uptimeSeconds', 'Time since the start.'),
  one('fastpath_ready', 'server.ready', '1: requests are answered; 0: starting, draining, or a worker is stuck.'),
  one('fastpath_address_conflicts', 'server.conflicts', 'Other hosts that have been seen with an address of ours.'),
];
