// Per event loop: what passed through the pipeline. And what holds it up: the peer, back-pressure.
import { row } from './row.ts';

export const PIPELINE_ROWS = [
  row({
    name: 'pipeline_connections',
    type: 'gauge',
    help: 'Connections on the event loop, real and simulated.',
    unit: 'none',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ pipeline }, emit) {
      for (const { index: event_loop, connections } of pipeline.loops) emit({ event_loop }, connections);
    },
  }),
  row({
    name: 'pipeline_messages_total',
    type: 'counter',
    help: 'Whole messages handed to the handler.',
    unit: 'none',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ pipeline }, emit) {
      for (const { index: event_loop, messages } of pipeline.loops) emit({ event_loop }, messages);
    },
  }),
  row({
    name: 'pipeline_failures_total',
    type: 'counter',
    help: 'Requests that ran out of direct memory while they were received.',
    unit: 'none',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ pipeline }, emit) {
      for (const { index: event_loop, failures } of pipeline.loops) emit({ event_loop }, failures);
    },
  }),
  row({
    name: 'pipeline_consolidations_total',
    type: 'counter',
    help: 'Consolidations: a message of more than 1024 parts was copied into one buffer.',
    unit: 'none',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ pipeline }, emit) {
      for (const { index: event_loop, consolidations } of pipeline.loops) emit({ event_loop }, consolidations);
    },
  }),
  row({
    name: 'pipeline_copied_bytes_total',
    type: 'counter',
    help: 'Bytes copied by consolidations.',
    unit: 'bytes',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ pipeline }, emit) {
      for (const { index: event_loop, copiedBytes } of pipeline.loops) emit({ event_loop }, copiedBytes);
    },
  }),
  row({
    name: 'pipeline_received_bytes_total',
    type: 'counter',
    help: 'Bytes read from sockets, heads and bodies.',
    unit: 'bytes',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ pipeline }, emit) {
      for (const { index: event_loop, receivedBytes } of pipeline.loops) emit({ event_loop }, receivedBytes);
    },
  }),
  row({
    name: 'pipeline_message_size_bytes',
    type: 'histogram',
    help: 'Sizes of whole messages (bodies), of real and of simulated requests.',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ pipeline }, emit) => emit({}, pipeline.messageBytes),
  }),
  row({
    name: 'pipeline_held_messages',
    type: 'gauge',
    help: 'Messages that a peer keeps: it works on them, or they wait for it.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ pipeline }, emit) => emit({}, pipeline.heldMessages),
  }),
  row({
    name: 'pipeline_back_pressure_active',
    type: 'gauge',
    help: '1 while sockets are not read because headroom is low, else 0.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ pipeline }, emit) => emit({}, pipeline.backPressure.reading ? 0 : 1),
  }),
  row({
    name: 'pipeline_back_pressure_activations_total',
    type: 'counter',
    help: 'Times that sockets were no longer read because headroom was low.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ pipeline }, emit) => emit({}, pipeline.backPressure.changes),
  }),
] as const;
