// The compose file, its configurations and .env.example, read as text: what needs no Docker to be checked.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { help as historyHelp } from '../../src/cli/history.ts';
import { BLOCK_SECONDS, SHOWN_SETTINGS } from '../../src/history/index.ts';
import { readSettings } from '../../src/service/index.ts';

interface Compose {
  readonly services: Readonly<Record<string, { readonly environment?: readonly string[] | Readonly<Record<string, string>>; readonly volumes?: readonly string[]; readonly ports?: readonly string[]; readonly mem_limit?: string; readonly image: string }>>; // prettier-ignore
}

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const text = read('docker-compose.yml');
const { services } = parse(text, { merge: true }) as Compose;
const VARIABLE = /(?<!\$)\$\{([A-Z_]+)(?::?[-?][^}]*)?\}/g;
const environment = services.arenascope!.environment as readonly string[];

describe('docker-compose.yml', () => {
  test('publishes on loopback only, limits memory everywhere, pins every image by a variable', () => {
    for (const [name, { ports = [], mem_limit, image }] of Object.entries(services)) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      expect(mem_limit, name).toMatch(/\d+[mg]/);
      expect(image, name).toMatch(/^\$\{[A-Z]+_IMAGE:-[^:}]+:(v?\d+\.\d+\.\d+|local)\}$/);
    }
  });

  test('mounts only files that exist', () => {
    const paths = Object.values(services).flatMap(({ volumes = [] }) => volumes.filter((volume) => volume.startsWith('./')));
    expect(paths.length).toBeGreaterThan(4);
    for (const path of paths) expect(existsSync(join(root, path.split(':')[0]!)), path).toBe(true);
  });

  test('passes on every setting of the service', () => {
    const names = environment.map((entry) => entry.split('=')[0]!);
    const all = [...read('docs/settings.md').matchAll(/`(ARENASCOPE_[A-Z_]+)`/g)].map(([, name]) => name!);
    expect(all.length).toBeGreaterThan(25);
    // the token comes from a file of its own
    expect(names.sort()).toEqual([...new Set(all)].filter((name) => name !== 'ARENASCOPE_ADMIN_TOKEN').sort());
  });
});

describe('.env.example', () => {
  const example = [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const);

  test('has every variable of the compose file, and no other', () => {
    const used = [...text.matchAll(VARIABLE)].map(([, name]) => name!);
    const passedOn = environment.filter((entry) => !entry.includes('='));
    expect(example.map(([name]) => name).sort()).toEqual([...new Set([...used, ...passedOn])].sort());
  });

  test('has the defaults of `arenascope history`', () => {
    const shown = Object.fromEntries(example);
    const defaultOf = (name: string) => new RegExp(`^--${name} .*default: (\\w+)|^${name} .*default: (\\w+)`, 'm').exec(historyHelp())?.slice(1).find(Boolean); // prettier-ignore
    expect(shown.HISTORY_SETTINGS).toBe(SHOWN_SETTINGS.join(','));
    expect([shown.HISTORY_SCENARIO, shown.HISTORY_DAYS, shown.HISTORY_SEED]).toEqual(['SCENARIO', 'days', 'seed'].map(defaultOf));
  });

  test('shows the defaults of the compose file', () => {
    for (const [, name, value] of text.matchAll(/(?<!\$)\$\{([A-Z_]+):-([^}]+)\}/g)) expect(example, name).toContainEqual([name, value]);
  });

  test('shows values that the service takes', () => {
    const settings = Object.fromEntries(example.filter(([name]) => name.startsWith('ARENASCOPE_')));
    expect(() => readSettings(settings, [])).not.toThrow();
  });
});

test('the history becomes one block of each file, and Prometheus keeps it all', () => {
  expect(text).toContain(`--max-block-duration=${BLOCK_SECONDS / 3600}h`);
  const [retentionDays, historyDays] = ['PROMETHEUS_RETENTION', 'HISTORY_DAYS'].map((name) => parseInt(new RegExp(`${name}:-(\\d+)`).exec(text)![1]!)); // prettier-ignore
  expect(retentionDays! - historyDays!).toBeGreaterThanOrEqual(BLOCK_SECONDS / 86_400);
});

test('the image starts one process: it sets what the launcher would start a second one to set', () => {
  const tunables = /TUNABLES = '(.+)'/.exec(read('bin/arenascope.js'))?.[1];
  expect(read('Dockerfile')).toContain(`GLIBC_TUNABLES=${tunables}\n`);
});

test('Prometheus loads the rules of the clock that the demo has, and Grafana the folder that is mounted', () => {
  expect(read('prometheus.yml')).toContain('/etc/prometheus/rules/arenascope-demo.rules.yml');
  expect(read('grafana/provisioning/dashboards/arenascope.yml')).toContain('/etc/grafana/dashboards');
  expect(text).toContain('./dashboards:/etc/grafana/dashboards:ro');
  expect(existsSync(join(root, 'dashboards', /dashboards\/([\w-]+\.json)/.exec(/HOME_DASHBOARD_PATH: (.*)/.exec(text)![1]!)![1]!))).toBe(
    true,
  );
});
