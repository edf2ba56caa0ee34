// What the dashboards of our own series share: variables, the selector that carries them, links to what happened.
import type { Annotation, Variable } from './board.ts';
import { type AnyName, increase, operate, raw, type Select, selectWithin } from './promql.ts';

/** Every query of a dashboard is of the chosen jobs and instances. */
export const chosen: Select = selectWithin({ job: '$job', instance: '$instance' });

/** Job and instance, as those that have the series. */
export function targetVariables(series: AnyName): readonly Variable[] {
  return [
    { name: 'job', label: 'Job', query: `label_values(${series}, job)` },
    { name: 'instance', label: 'Instance', query: `label_values(${series}{job=~"$job"}, instance)` },
  ];
}

export const ARENA_VARIABLE: Variable = {
  name: 'arena',
  label: 'Arena',
  query: `label_values(${chosen('netty_allocator_arena_chunks').promql}, arena)`,
};

const OUT_OF_MEMORY: Annotation = {
  name: 'Out of direct memory',
  colour: 'dark-red',
  promql: operate(increase(chosen('direct_memory_exhausted_total')), '>', 0).promql,
  title: 'Out of direct memory',
  tags: 'cause,instance',
};

const ALERTS_FIRING: Annotation = {
  name: 'Alerts',
  colour: 'orange',
  promql: chosen('ALERTS', { alertstate: 'firing' }).promql,
  title: '{{alertname}}',
  tags: 'severity,instance',
};

/** Each thirtieth simulated day: all of them would hide what they are to explain. */
const SIMULATED_MONTHS: Annotation = {
  name: 'Simulated months',
  colour: 'blue',
  promql: raw(`floor(${chosen('simulation_day').promql} / 30) > floor(${chosen('simulation_day').promql} offset $__interval / 30)`).promql,
  title: 'Another 30 simulated days',
  tags: 'instance',
};

export const ANNOTATIONS: readonly Annotation[] = [OUT_OF_MEMORY, ALERTS_FIRING, SIMULATED_MONTHS];
