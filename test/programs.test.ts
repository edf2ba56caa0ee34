import { describe, expect, test } from 'vitest';
import { locate, needs, type Machine, type ProgramName, type Teller } from './programs.ts';

const NAMES: readonly ProgramName[] = ['chromium', 'promtool', 'java-netty', 'docker'];
const full: Machine = { command: (name) => `/usr/bin/${name}`, exists: () => true, answers: () => true };
const bare: Machine = { command: () => undefined, exists: () => false, answers: () => false };

function listener(isCi: boolean): Teller & { lines: string[]; tests: { name: string; body: () => void }[] } {
  const lines: string[] = [];
  const tests: { name: string; body: () => void }[] = [];
  return { isCi, lines, tests, say: (line) => lines.push(line), addTest: (name, body) => tests.push({ name, body }) };
}

test('tests run under the pinned Node 24 with garbage collection exposed', () => {
  expect(process.version).toMatch(/^v24\./);
  expect(globalThis.gc).toBeTypeOf('function');
});

describe.each(NAMES)('%s', (name) => {
  test('is found on a machine that has everything', () => {
    expect(locate(name, full)).toEqual({ available: true, path: expect.stringMatching(/^\/usr\//) as string, reason: '' });
  });

  test('is told with what to install where the machine has nothing', () => {
    const teller = listener(false);
    const { available, path, reason } = needs(name, bare, teller);
    expect({ available, path }).toEqual({ available: false, path: '' });
    expect(reason).toMatch(new RegExp(`^${name}: missing \\(install .+\\)$`));
    expect(teller.lines).toEqual([`skipped: ${reason}`]);
    expect(teller.tests).toEqual([]);
  });

  test('fails in CI where it is missing', () => {
    const teller = listener(true);
    const { reason } = needs(name, bare, teller);
    expect(teller.tests.map((added) => added.name)).toEqual([`needs ${name}`]);
    expect(() => teller.tests[0]?.body()).toThrow(reason);
  });

  test('is silent where it is there, in CI too', () => {
    const teller = listener(true);
    needs(name, full, teller);
    expect([...teller.lines, ...teller.tests]).toEqual([]);
  });
});

test('a Docker client without an engine is not enough', () => {
  expect(locate('docker', { ...full, answers: () => false }).reason).toContain('a running Docker engine');
});

test('Netty without one of its jars, or a JDK without a compiler, is not enough', () => {
  expect(locate('java-netty', { ...full, exists: (file) => !file.endsWith('jctools-core.jar') }).available).toBe(false);
  expect(locate('java-netty', { ...full, command: (name) => (name === 'javac' ? undefined : `/usr/bin/${name}`) }).available).toBe(false);
});

test('the class path of Netty holds the jars its buffer package needs', () => {
  expect(locate('java-netty', full).path).toBe(
    '/usr/share/java/netty-buffer.jar:/usr/share/java/netty-common.jar:/usr/share/java/jctools-core.jar:/usr/share/java/slf4j-api.jar',
  );
});

test('this machine is asked by running nothing but its PATH', () => {
  expect(locate('chromium').available).toBe(locate('chromium').path !== '');
});
