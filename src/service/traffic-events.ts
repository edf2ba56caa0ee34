// What traffic tells, as events of the feed: the simulation's days; requests, real and simulated, while some client asks for them.
import type { Feed } from '../feed/index.ts';
import type { Clock } from './clock.ts';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';
import type { Runtime } from './runtime.ts';
import type { SimulationListener } from '../simulation/index.ts';

export function simulationEvents(feed: Feed): SimulationListener {
  return {
    dayEnded: ({ day, requests, peakReservedBytes, liveBytes, cachedBytes, subpageBytes, freeBytes, strandedChunks }) =>
      feed.publish({
        type: 'simulation.day_ended',
        day,
        completed: requests.completed,
        failed: requests.failed,
        refused: requests.refused,
        peakReservedBytes,
        liveBytes,
        cachedBytes,
        subpageBytes,
        freeBytes,
        strandedChunks,
      }),
    backPressureChanged: (reading, headroomBytes) =>
      feed.publish({ type: reading ? 'backpressure.ended' : 'backpressure.started', source: 'simulation', headroomBytes }),
    wantsRequests: () => feed.wants('request.completed') || feed.wants('request.failed'),
    requestEnded(request, outcome, bodyBytes, _, { loop, receivedBytes, durationSeconds }) {
      const common = { source: 'simulation', request, eventLoop: loop.index, arena: loop.arena } as const;
      if (outcome === 'completed') feed.publish({ type: 'request.completed', ...common, bytes: bodyBytes, durationSeconds });
      else feed.publish({ type: 'request.failed', ...common, bytes: receivedBytes, outcome: FAILURES[outcome] });
    },
    consolidated: ({ index, arena }, bytes) =>
      feed.publish({ type: 'composite.consolidated', source: 'simulation', eventLoop: index, arena, bytes }),
  };
}

/** What the feed calls the ends of simulated requests; memory runs out under the name that it has for real ones. */
const FAILURES = { failed: 'exhausted', refused: 'refused' } as const;

const source = 'http';

/** The allocator's transitions, back-pressure on sockets, and consolidations of real messages. */
export function runtimeEvents(feed: Feed, runtime: Runtime, simulated: () => string | null): void {
  // told before the feed is: whose request finds no memory
  runtime.addListener({ memoryExhausted: () => void (feed.request = runtime.serving?.() ?? simulated()) });
  runtime.addListener(feed.listener);
  runtime.onReadingChanged((reading, headroomBytes) =>
    feed.publish({ type: reading ? 'backpressure.ended' : 'backpressure.started', source, headroomBytes }),
  );
  runtime.onConsolidated = (eventLoop, arena, bytes) => {
    if (feed.wants('composite.consolidated')) feed.publish({ type: 'composite.consolidated', source, eventLoop, arena, bytes });
  };
}

/** A real request has ended. */
export function requestEvent(feed: Feed, clock: Clock, exchange: Exchange, outcome: Outcome, bytes: number): void {
  const type = outcome === 'answered' ? 'request.completed' : 'request.failed';
  if (!feed.wants(type)) return;
  const common = { source, request: exchange.name, bytes, ...exchange.place() } as const;
  if (type === 'request.failed') feed.publish({ type, ...common, outcome });
  else feed.publish({ type, ...common, durationSeconds: clock.nowSeconds() - exchange.startedSeconds });
}
