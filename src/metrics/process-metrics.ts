// What prom-client tells of the process, with its labels: named here so that dashboards are typed against these too.
// A test compares the list with what prom-client really exports.

export const PROCESS_METRICS = {
  process_cpu_user_seconds_total: [],
  process_cpu_system_seconds_total: [],
  process_cpu_seconds_total: [],
  process_start_time_seconds: [],
  process_resident_memory_bytes: [],
  process_virtual_memory_bytes: [], // this and the next three: on Linux only
  process_heap_bytes: [],
  process_open_fds: [],
  process_max_fds: [],
  nodejs_eventloop_lag_seconds: [],
  nodejs_eventloop_lag_min_seconds: [],
  nodejs_eventloop_lag_max_seconds: [],
  nodejs_eventloop_lag_mean_seconds: [],
  nodejs_eventloop_lag_stddev_seconds: [],
  nodejs_eventloop_lag_p50_seconds: [],
  nodejs_eventloop_lag_p90_seconds: [],
  nodejs_eventloop_lag_p99_seconds: [],
  nodejs_active_resources: ['type'],
  nodejs_active_handles: ['type'],
  nodejs_active_requests: ['type'],
  nodejs_heap_size_total_bytes: [],
  nodejs_heap_size_used_bytes: [],
  nodejs_external_memory_bytes: [],
  nodejs_heap_space_size_total_bytes: ['space'],
  nodejs_heap_space_size_used_bytes: ['space'],
  nodejs_heap_space_size_available_bytes: ['space'],
  nodejs_version_info: ['version', 'major', 'minor', 'patch'],
  nodejs_gc_duration_seconds: ['kind'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type ProcessMetrics = typeof PROCESS_METRICS;
/** Those that are histograms, which are queried as `_bucket`, `_sum` and `_count`. */
export type ProcessHistogram = 'nodejs_gc_duration_seconds';

/** Gauges named like counters, which promtool reports; each is the sum over the labels of one that is kept. */
export const MISNAMED_PROCESS_METRICS = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];
