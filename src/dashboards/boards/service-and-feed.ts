// The service itself: HTTP, event loops, the event feed, the process.
import { type Board, type Panel, row } from '../board.ts';
import { aggregate, aggregateBy, quantile, rate, raw, show, sumBy } from '../promql.ts';
import { ANNOTATIONS, chosen, DEMO_JOB, targetVariables } from '../scope.ts';

const perInstance = '{{job}} {{instance}}';

const httpPanels: readonly Panel[] = [
  {
    kind: 'stacked', title: 'Requests answered', unit: 'reqps', width: 12,
    description: 'Real requests over HTTP, by status code; simulated ones are not in it.',
    targets: [show(sumBy(rate(chosen('http_requests_total')), 'code'), '{{code}}')],
  },
  {
    kind: 'lines', title: 'Requests that ended without an answer', unit: 'reqps', width: 12,
    description: 'The client disconnected, was too slow, lied about its length, sent no HTTP, or the service stopped.',
    targets: [show(sumBy(rate(chosen('http_requests_aborted_total')), 'outcome'), '{{outcome}}')],
  },
  {
    kind: 'lines', title: 'Request duration', unit: 's', width: 12,
    description: 'From the head of a request to the end of its answer: median and 99th percentile.',
    targets: [
      show(quantile(0.5, rate(chosen('http_request_duration_seconds_bucket'))), 'median'),
      show(quantile(0.99, rate(chosen('http_request_duration_seconds_bucket'))), '99 %'),
    ],
  },
  {
    kind: 'lines', title: 'In flight and connected', unit: 'none', width: 12,
    description: 'Requests begun and not ended, and connections open.',
    targets: [
      show(aggregateBy('sum', chosen('http_requests_in_flight'), 'job', 'instance'), `${perInstance} in flight`),
      show(aggregateBy('sum', chosen('http_connections'), 'job', 'instance'), `${perInstance} connections`),
    ],
  },
]; // prettier-ignore

const pipelinePanels: readonly Panel[] = [
  {
    kind: 'lines', title: 'Received', unit: 'Bps', width: 12,
    description: 'Bytes read from sockets, real and simulated, heads and bodies.',
    targets: [show(aggregateBy('sum', rate(chosen('pipeline_received_bytes_total')), 'job', 'instance'), perInstance)],
  },
  {
    kind: 'lines', title: 'Messages', unit: 'ops', width: 12,
    description: 'Whole messages handed to the handler, by event loop. They are dealt in turn, so loops far apart mean long-lived connections.',
    targets: [show(sumBy(rate(chosen('pipeline_messages_total')), 'event_loop'), 'loop {{event_loop}}')],
  },
]; // prettier-ignore

const feedPanels: readonly Panel[] = [
  {
    kind: 'stacked', title: 'Events', unit: 'ops', width: 12,
    description: 'Events published, by type, whether or not anybody listened.',
    targets: [show(sumBy(rate(chosen('feed_events_total')), 'type'), '{{type}}')],
  },
  {
    kind: 'steps', title: 'Clients of the feed', unit: 'none', width: 12,
    description: 'Clients connected, and how many different filters they have: each filter makes a frame of its own.',
    targets: [
      show(aggregateBy('sum', chosen('feed_clients'), 'job', 'instance'), `${perInstance} clients`),
      show(aggregateBy('sum', chosen('feed_subscriptions'), 'job', 'instance'), `${perInstance} filters`),
    ],
  },
  {
    kind: 'lines', title: 'Sent to clients', unit: 'Bps', width: 12,
    description: 'Bytes of the messages sent to clients of the feed.',
    targets: [show(aggregateBy('sum', rate(chosen('feed_sent_bytes_total')), 'job', 'instance'), perInstance)],
  },
  {
    kind: 'lines', title: 'Bytes that clients have not taken', unit: 'bytes', width: 12,
    description: 'Bytes that wait for slow clients. Past a bound such a client is told so and closed.',
    targets: [show(aggregateBy('sum', chosen('feed_pending_bytes'), 'job', 'instance'), perInstance)],
  },
  {
    kind: 'lines', title: 'Feed connections begun', unit: 'ops', width: 12,
    description: 'snapshot: new; resumed: where they were; gone: they came back too late for the ring.',
    targets: [show(sumBy(rate(chosen('feed_begun_total')), 'how'), '{{how}}')],
  },
  {
    kind: 'lines', title: 'Feed connections ended, by reason', unit: 'ops', width: 12,
    description: 'client: closed by themselves. too_slow and dead are those that the service dropped.',
    targets: [show(sumBy(rate(chosen('feed_ended_total')), 'reason'), '{{reason}}')],
  },
]; // prettier-ignore

const processPanels: readonly Panel[] = [
  {
    kind: 'lines', title: 'Resident memory', unit: 'bytes', width: 12,
    description: 'What the operating system holds for the process. Chunks are real but lazy: pages that no body has touched cost nothing.',
    targets: [show(chosen('process_resident_memory_bytes'), perInstance)],
  },
  {
    kind: 'lines', title: 'Event-loop lag', unit: 's', width: 12,
    description: "99th percentile of how late Node's event loop is. Above a tenth of a second scrapes and health checks suffer.",
    targets: [show(chosen('nodejs_eventloop_lag_p99_seconds'), perInstance)],
  },
  {
    kind: 'lines', title: 'Processor', unit: 'percentunit', width: 12,
    description: 'Processor time per second. 1 is one core, which is all that one service uses.',
    targets: [show(rate(chosen('process_cpu_seconds_total')), perInstance)],
  },
  {
    kind: 'lines', title: 'V8 heap', unit: 'bytes', width: 12,
    description: 'Heap used by JavaScript objects. The memory of chunks lies outside it, in array buffers (external).',
    targets: [
      show(chosen('nodejs_heap_size_used_bytes'), `${perInstance} heap`),
      show(chosen('nodejs_external_memory_bytes'), `${perInstance} external`),
    ],
  },
  {
    kind: 'stat', title: 'Targets up', unit: 'percentunit', width: 12, decimals: 0, thresholds: ['red', [1, 'green']],
    description: 'Share of the chosen targets that Prometheus can scrape.',
    targets: [show(aggregate('avg', chosen('up')), 'up')],
  },
  {
    kind: 'stat', title: 'Uptime', unit: 's', width: 12,
    description: 'Time since the process of each instance started.',
    targets: [show(raw<'job' | 'instance'>(`time() - ${chosen('process_start_time_seconds').promql}`), perInstance)],
  },
]; // prettier-ignore

export const SERVICE_AND_FEED: Board = {
  uid: 'arenascope-service',
  title: 'Service and feed',
  description: 'The service: what clients see, what its event loops do, who listens to its feed, what the process costs.',
  span: 'live',
  from: 'now-15m',
  refresh: '5s',
  variables: targetVariables('http_connections', DEMO_JOB),
  annotations: ANNOTATIONS,
  rows: [row('HTTP', ...httpPanels), row('Pipeline', ...pipelinePanels), row('Feed', ...feedPanels), row('Process', ...processPanels)],
};
