import { expect, test } from 'vitest';
import { hasMetric, sumOf } from './metrics-reader.ts';

const TEXT = `# TYPE http_requests_total counter
http_requests_total{method="PUT",code="200"} 12
http_requests_total{method="PUT",code="503"} 3
http_requests_total{method="GET",code="200"} 40
http_requests_total_created 1
http_requests_in_flight 2
`;

test('adds up the samples whose labels fit, and no longer name', () => {
  expect(sumOf(TEXT, 'http_requests_total')).toBe(55);
  expect(sumOf(TEXT, 'http_requests_total', 'method="PUT"')).toBe(15);
  expect(sumOf(TEXT, 'http_requests_total', 'method="PUT"', 'code="2')).toBe(12);
  expect(sumOf(TEXT, 'http_requests_in_flight')).toBe(2);
});

test('knows a metric that is not there', () => {
  expect([hasMetric(TEXT, 'http_requests_in_flight'), hasMetric(TEXT, 'http_requests'), sumOf(TEXT, 'simulation_days')]).toEqual([
    true,
    false,
    0,
  ]);
});
