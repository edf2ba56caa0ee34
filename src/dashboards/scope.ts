// What the dashboards of our own series share: variables, the selectors that carry them, links to what happened.
import { HISTORY_JOB } from '../history/index.ts';
import type { Annotation, Variable } from './board.ts';
import { type AnyName, increase, operate, raw, type Select, selectWithin } from './promql.ts';

/** Every query of a dashboard is of the chosen jobs and instances. */
export const chosen: Select = selectWithin({ job: '$job', instance: '$instance' });

/** The runs of `arenascope history`, each under a setting; the account of direct memory only, but for the first. */
export const everySetting: Select<'setting'> = selectWithin({ job: HISTORY_JOB });
/** The run under the scenario's own settings, with its arenas. */
export const theYear: Select<'setting'> = selectWithin({ job: HISTORY_JOB, setting: 'as-it-was' });

/** The job of the running demo, as prometheus.yml calls it. */
export const DEMO_JOB = 'arenascope';

/**
 * Job and instance, as those that have the series. Where a dashboard sums over what is chosen, it opens on the demo's service alone
 * (`openOn`): `arenascope history` fills the same Prometheus with the same series under several settings, which must not be added up.
 * In a fleet without a job of that name Grafana opens on the first one. `All` stays on offer, and `history` is to be had wherever the time
 * range reaches into the past: its last sample is over an hour old.
 */
export function targetVariables(series: AnyName, openOn?: string): readonly Variable[] {
  return [
    { name: 'job', label: 'Job', query: `label_values(${series}, job)`, openOn },
    { name: 'instance', label: 'Instance', query: `label_values(${series}{job=~"$job"}, instance)` },
  ];
}

export const ARENA_VARIABLE: Variable = {
  name: 'arena',
  label: 'Arena',
  query: `label_values(${chosen('netty_allocator_arena_chunks').promql}, arena)`,
};

/** Wherever a reservation is refused. */
export function outOfMemory(select: Select, stepSeconds?: number): Annotation {
  return {
    name: 'Out of direct memory',
    colour: 'dark-red',
    promql: operate(increase(select('direct_memory_exhausted_total')), '>', 0).promql,
    title: 'Out of direct memory',
    tags: 'cause,instance',
    stepSeconds,
  };
}

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
  promql: raw(`floor(${chosen('simulation_days').promql} / 30) > floor(${chosen('simulation_days').promql} offset $__interval / 30)`)
    .promql,
  title: 'Another 30 simulated days',
  tags: 'instance',
};

export const ANNOTATIONS: readonly Annotation[] = [outOfMemory(chosen), ALERTS_FIRING, SIMULATED_MONTHS];
