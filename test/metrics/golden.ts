// The golden text of /metrics: what one deterministic load looks like. Written by `npm run golden`, compared by a test.
import { join } from 'node:path';
import { METRICS, renderText } from '../../src/metrics/index.ts';
import { createGoldenLoad } from './load.ts';

export const GOLDEN_FILE = join(import.meta.dirname, 'metrics.golden.txt');
export const goldenText = (): string => renderText(METRICS, createGoldenLoad().input());
