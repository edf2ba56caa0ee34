// Alerts that Alertmanager sends (its webhook, version 4): each becomes an event of the feed, so that the page shows it.
import { z } from 'zod';
import type { Feed } from '../feed/index.ts';

const MOST_ALERTS = 100; // of a notification
const labels = z.record(z.string(), z.string());

export const AlertsSchema = z.looseObject({
  version: z.literal('4'),
  alerts: z
    .array(z.looseObject({ status: z.enum(['firing', 'resolved']), labels, annotations: labels.default({}) }))
    .max(MOST_ALERTS)
    .describe('As Alertmanager groups them'),
});
export const AlertsTakenSchema = z.strictObject({ taken: z.int().nonnegative().describe('Alerts told to the feed') });

export function takeAlerts(feed: Feed, { alerts }: z.infer<typeof AlertsSchema>): z.infer<typeof AlertsTakenSchema> {
  for (const { status, labels: all, annotations } of alerts) {
    const { alertname: alert = 'unnamed', severity = 'none', ...rest } = all;
    feed.publish({
      type: status === 'firing' ? 'alert.fired' : 'alert.resolved',
      alert,
      severity,
      summary: annotations['summary'] ?? '',
      labels: rest,
    });
  }
  return { taken: alerts.length };
}
