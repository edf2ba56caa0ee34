// HTTP as clients see it. Simulated requests are not in here.
import { ABORT_OUTCOMES, BODY_OUTCOMES, HTTP_CODES, HTTP_METHODS } from './http-meter.ts';
import { row } from './row.ts';

export const HTTP_ROWS = [
  row({
    name: 'http_requests_total',
    type: 'counter',
    help: 'Requests answered, by method and status code.',
    unit: 'none',
    labels: { method: HTTP_METHODS, code: HTTP_CODES },
    stability: 'stable',
    collect({ http }, emit) {
      for (const { method, code, count } of http.requests) emit({ method, code }, count);
    },
  }),
  row({
    name: 'http_requests_aborted_total',
    type: 'counter',
    help: 'Requests that ended without a whole answer: the client disconnected, was too slow, sent another length than announced or no HTTP, or the service stopped.', // prettier-ignore
    unit: 'none',
    labels: { outcome: ABORT_OUTCOMES },
    stability: 'stable',
    collect: ({ http }, emit) => ABORT_OUTCOMES.forEach((outcome) => emit({ outcome }, http.aborted[outcome])),
  }),
  row({
    name: 'http_bodies_total',
    type: 'counter',
    help: 'Requests whose bodies were for the pipeline, by how they ended: the real ones beside simulation_requests_total, without those that only ask or control.', // prettier-ignore
    unit: 'none',
    labels: { outcome: BODY_OUTCOMES },
    stability: 'stable',
    collect: ({ http }, emit) => BODY_OUTCOMES.forEach((outcome) => emit({ outcome }, http.bodies[outcome])),
  }),
  row({
    name: 'http_requests_in_flight',
    type: 'gauge',
    help: 'Requests begun and not yet ended.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ http }, emit) => emit({}, http.inFlight),
  }),
  row({
    name: 'http_connections',
    type: 'gauge',
    help: 'Connections that clients have open.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ http }, emit) => emit({}, http.connections),
  }),
  row({
    name: 'http_request_duration_seconds',
    type: 'histogram',
    help: 'From the head of a request to the end of its answer, of requests answered.',
    unit: 'seconds',
    labels: { method: HTTP_METHODS },
    stability: 'stable',
    collect({ http }, emit) {
      for (const { method, seconds } of http.durations) emit({ method }, seconds);
    },
  }),
] as const;
