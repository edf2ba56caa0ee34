// The rules of Grafana's dashboard-linter, under its names for them, held on the JSON; and a few of our own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BOARDS, GENERATED_FILES } from '../../src/dashboards/index.ts';
import { DASHBOARDS, panelsOf, textOf } from './json.ts';

const ON_TIME_RANGE_CHANGE = 2;
/** Of the units that dashboard-linter accepts, those that we use. */
const UNITS = ['none', 'short', 'percentunit', 'bytes', 'Bps', 's', 'd', 'ops', 'reqps', 'bool', 'dateTimeAsIso'];
const RANGES = /\[([^\]:]+)(?::[^\]]*)?\]/g;

test('every dashboard of the table is a file, and every file is in the table', () => {
  const files = readdirSync(join(import.meta.dirname, '../../dashboards')).filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(Object.keys(BOARDS).map((name) => `${name}.json`).sort()); // prettier-ignore
});

test('uids are set, stable in form and unique', () => {
  const uids = DASHBOARDS.map(([, { uid }]) => uid);
  expect(new Set(uids).size).toBe(uids.length);
  for (const uid of uids) expect(uid).toMatch(/^arenascope-[a-z-]{3,29}$/); // Grafana takes 40 characters
});

test('those that add up what is chosen open on the service of prometheus.yml, not on that and the history; the others on all', () => {
  const opensOn = DASHBOARDS.map(([name, { templating }]) => [name, templating.list.find((variable) => variable.name === 'job')!.current!.value[0]]); // prettier-ignore
  expect(Object.fromEntries(opensOn)).toEqual({
    'direct-memory': 'arenascope',
    'arenas-and-chunks': 'arenascope',
    'buffer-pools': '$__all',
    'simulated-days': 'arenascope',
    'service-and-feed': 'arenascope',
    'netty-fleet': '$__all',
  });
  expect(readFileSync(join(import.meta.dirname, '../../prometheus.yml'), 'utf8')).toContain('job_name: arenascope\n');
});

test('links in a text lead to dashboards that exist', () => {
  const texts = DASHBOARDS.flatMap(([, { panels }]) => panels.map(({ options }) => options?.content ?? '')).join('\n');
  const uids = [...texts.matchAll(/\(\/d\/([\w-]+)\)/g)].map(([, uid]) => uid);
  expect(uids.length).toBeGreaterThan(0);
  expect(DASHBOARDS.map(([, { uid }]) => uid)).toEqual(expect.arrayContaining(uids));
});

describe.each(DASHBOARDS)('%s', (name, dashboard) => {
  const variable = (wanted: string) => dashboard.templating.list.find((candidate) => candidate.name === wanted);
  const panels = panelsOf(dashboard);
  const targets = panels.flatMap(({ title, targets: own = [] }) => own.map((target) => ({ title, ...target })));

  test('is what the code makes (npm run generate writes it anew)', () => {
    expect(textOf(name)).toBe(GENERATED_FILES[`dashboards/${name}.json`]!());
  });

  test('uneditable, described, tagged, linked to the others: with variables and time to those of the present, without to the year', () => {
    const isYear = name === 'simulated-days';
    expect(dashboard).toMatchObject({ editable: false, tags: [isYear ? 'arenascope-year' : 'arenascope'] });
    expect(dashboard.links).toMatchObject([
      { type: 'dashboards', tags: ['arenascope'], includeVars: true, keepTime: !isYear },
      { type: 'dashboards', tags: ['arenascope-year'], includeVars: false, keepTime: false },
    ]);
    expect(dashboard.description).not.toBe('');
  });

  test('template-datasource-rule', () => {
    expect(variable('datasource')).toMatchObject({ type: 'datasource', label: 'Data source', query: 'prometheus' });
  });

  test.each([['job', 'Job'], ['instance', 'Instance']])('template-%s-rule', (wanted, label) => {
    expect(variable(wanted)).toMatchObject({ type: 'query', label, multi: true, allValue: '.+', datasource: { uid: '$datasource' } });
  }); // prettier-ignore

  test('template-on-time-change-reload-rule', () => {
    for (const { name: own, type, refresh } of dashboard.templating.list)
      if (type === 'query') expect(refresh, own).toBe(ON_TIME_RANGE_CHANGE);
  });

  test('template-unused-rule: every variable is used', () => {
    const queries = targets.map(({ expr }) => expr).join('\n');
    for (const { name: own, type } of dashboard.templating.list) if (type === 'query') expect(queries).toContain(`$${own}`);
  });

  test('panel-datasource-rule', () => {
    for (const { title, datasource } of panels) expect(datasource?.uid, title).toBe('$datasource');
    for (const { title, datasource } of targets) expect(datasource.uid, title).toBe('$datasource');
    for (const { name: own, datasource } of dashboard.annotations.list ?? []) expect(datasource.uid, own).toBe('$datasource');
  });

  test('panel-title-description-rule', () => {
    for (const { title, description = '' } of panels) {
      expect(title).not.toBe('');
      expect(description, title).toMatch(/^[^\s].{19,}[.]$/s); // a sentence at least
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  test('panel-units-rule', () => {
    for (const { title, fieldConfig } of panels) expect(UNITS, title).toContain(fieldConfig?.defaults.unit);
  });

  test('panel-no-targets-rule, with a letter of its own for each query', () => {
    for (const { title, targets: own = [] } of panels) {
      expect(own.length, title).toBeGreaterThan(0);
      expect(new Set(own.map(({ refId }) => refId)).size, title).toBe(own.length);
    }
  });

  // The year is the same whatever is chosen: with the variables in its queries, a service chosen for the live row would blank it
  // (dashboards/.lint tells the linter itself).
  test('target-job-rule and target-instance-rule: every selector is of the chosen job and instance, or of the hourly history', () => {
    for (const { title, expr, interval } of targets) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length, `${title}: ${expr}`).toBeGreaterThan(0);
      for (const selector of selectors) {
        expect(selector.includes('job="history"'), title).toBe(interval === '3600s');
        if (interval === '3600s') continue;
        expect(selector, title).toContain('job=~"$job"');
        expect(selector, title).toContain('instance=~"$instance"');
      }
    }
  });

  test('target-rate-interval-rule', () => {
    for (const { title, expr } of targets) {
      for (const [, range] of expr.matchAll(RANGES))
        expect(['$__rate_interval', '$__range', '$__interval', '30d'], `${title}: ${expr}`).toContain(range);
      if (expr.includes('[30d]')) expect(expr).toMatch(/deriv\([^[]*\[30d\]/);
      expect(expr, title).not.toMatch(/\bi?rate\([^[]*\[(?!\$__rate_interval\])/);
    }
  });

  test('target-counter-agg-rule: no counter is shown as it is', () => {
    for (const { title, expr } of targets) expect(expr, title).not.toMatch(/(?<!\b(?:rate|irate|increase)\()\b\w+_total\b/);
  });

  test('target-histogram-rule: buckets are summed by le before a quantile is taken', () => {
    for (const { title, expr } of targets)
      for (const [quantile] of expr.matchAll(/histogram_quantile\(.*/g))
        expect(quantile, title).toMatch(/^histogram_quantile\([\d.]+, sum by \(le[^)]*\) \(rate\(/);
  });

  test('panels lie within the 24 columns, none on another, each with an id of its own', () => {
    const taken = new Set<string>();
    for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          expect(taken.has(`${column},${line}`), title).toBe(false);
          taken.add(`${column},${line}`);
        }
    } // prettier-ignore
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});
