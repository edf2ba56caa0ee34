// The real docker-compose.yml, started for a test on free ports, and what a test does to its containers.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DockerComposeEnvironment, PullPolicy, type StartedDockerComposeEnvironment, Wait } from 'testcontainers';
import { PrometheusClient } from '../dashboards/prometheus.ts';

export type Service = 'arenascope' | 'alertmanager' | 'prometheus' | 'grafana';
/** They do their work and end. */
export const ONE_SHOTS = ['token', 'history', 'history-blocks'] as const;
type OneShot = (typeof ONE_SHOTS)[number];
const PORTS: Readonly<Record<Service, number>> = { arenascope: 3000, alertmanager: 9093, prometheus: 9090, grafana: 3000 };
const PROJECT = `arenascope-test-${process.pid}`;
const root = join(import.meta.dirname, '../..');

/** Images of one's own, in place of the official ones, are on this machine already; where there is none for Grafana it is left out. */
export const hasStandIns = process.env.PROMETHEUS_IMAGE !== undefined;
export const hasGrafana = !hasStandIns || process.env.GRAFANA_IMAGE !== undefined;
export const SERVICES: readonly Service[] = ['arenascope', 'alertmanager', 'prometheus', ...(hasGrafana ? (['grafana'] as const) : [])];

const PROFILE_SERVICES: Readonly<Record<string, readonly string[]>> = { fleet: ['fleet', 'prometheus-fleet'] };

export class Stack {
  readonly #docker: string;
  readonly #environment: StartedDockerComposeEnvironment;

  private constructor(docker: string, environment: StartedDockerComposeEnvironment) {
    this.#docker = docker;
    this.#environment = environment;
  }

  /** The services above, and those of the profiles. */
  static async up(docker: string, settings: Readonly<Record<string, string>>, ...profiles: readonly string[]): Promise<Stack> {
    const anyPort = { SERVICE_PORT: '0', PROMETHEUS_PORT: '0', ALERTMANAGER_PORT: '0', GRAFANA_PORT: '0' };
    const compose = new DockerComposeEnvironment(root, 'docker-compose.yml')
      .withProjectName(PROJECT)
      .withEnvironment({ ...anyPort, SERVICE_IMAGE: `arenascope:test-${process.pid}`, ...settings })
      .withProfiles(...profiles)
      .withDefaultWaitStrategy(Wait.forHealthCheck())
      .withAutoCleanup(false) // Ryuk's image cannot be had everywhere: `down` and CI's own clean-up do it
      .withPullPolicy(hasStandIns ? PullPolicy.neverPull() : PullPolicy.defaultPolicy())
      .withBuild();
    for (const service of ONE_SHOTS) compose.withWaitStrategy(`${service}-1`, Wait.forOneShotStartup());
    return new Stack(docker, await compose.up([...SERVICES, ...profiles.flatMap((profile) => PROFILE_SERVICES[profile] ?? [])]));
  }

  async down(): Promise<void> {
    await this.#environment.down({ removeVolumes: true });
    this.docker('image', 'rm', '--force', `arenascope:test-${process.pid}`);
  }

  docker(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(this.#docker, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  name(service: Service | OneShot): string {
    return `${PROJECT}-${service}-1`;
  }

  inspect(service: Service | OneShot, format: string): string {
    return this.docker('inspect', '--format', format, this.name(service));
  }

  /** A container that starts again gets another port, so it is asked anew each time. */
  url(service: Service): string {
    return `http://${this.docker('port', this.name(service), `${PORTS[service]}/tcp`).split('\n')[0]}`;
  }

  get prometheus(): PrometheusClient {
    return new PrometheusClient(this.url('prometheus'));
  }

  /** What a one-shot service says when it is started again, as a second `up` does. */
  again(service: OneShot): string {
    return this.docker('start', '--attach', this.name(service));
  }

  /** Files of a volume, by their paths. */
  filesOf(volume: string): string[] {
    const image = this.inspect('prometheus', '{{.Config.Image}}');
    const listing = this.docker('run', '--rm', '--network=none', `--volume=${PROJECT}_${volume}:/volume:ro`, '--entrypoint=/bin/sh', image, '-c', 'cd /volume; ls -d * */* 2>/dev/null || true'); // prettier-ignore
    return listing.split('\n');
  }

  disconnect(service: Service): void {
    this.docker('network', 'disconnect', `${PROJECT}_default`, this.name(service));
  }

  connect(service: Service): void {
    this.docker('network', 'connect', '--alias', service, `${PROJECT}_default`, this.name(service));
  }

  /** The most memory that the container has used, in bytes; cgroup version 2, else 1. */
  peakMemoryBytes(service: Service): number {
    const command = 'cat /sys/fs/cgroup/memory.peak 2>/dev/null || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes';
    return Number(this.docker('exec', this.name(service), '/bin/sh', '-c', command));
  }

  /** The value of a query now, or undefined where there is none. */
  async value(promql: string): Promise<number | undefined> {
    const [series] = await this.prometheus.instant(promql, Date.now() / 1000);
    return series?.values[0];
  }
}

/** Asks until the answer is there; containers have their own time. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not so after ${seconds} s`);
    await setTimeout(250);
  }
}
