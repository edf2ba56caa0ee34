// The scenarios that come with the package, and a user's own files.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseScenario, type Scenario } from '../workload/index.ts';

const SHIPPED = join(import.meta.dirname, '..', '..', 'scenarios');

export function shippedScenarios(): string[] {
  return readdirSync(SHIPPED).filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml')).sort(); // prettier-ignore
}

/** By the name of a shipped scenario, or the path of a `.yaml` file. Throws a ScenarioError with every mistake of the file. */
export function loadScenario(nameOrFile: string): Scenario {
  const isFile = /\.ya?ml$/.test(nameOrFile);
  const known = shippedScenarios();
  if (!isFile && !known.includes(nameOrFile))
    throw new RangeError(`scenario: ${nameOrFile} (expected: a .yaml file, or one of ${known.join(', ')})`);
  const file = isFile ? nameOrFile : join(SHIPPED, `${nameOrFile}.yaml`);
  return parseScenario(isFile ? basename(file).replace(/\.ya?ml$/, '') : nameOrFile, readFileSync(file, 'utf8'));
}
