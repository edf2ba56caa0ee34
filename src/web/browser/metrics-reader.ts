// Sums of a few counters out of the Prometheus text, so that requests on the page are those of /metrics.

/** Sum of a metric's samples whose labels contain all of `labels` (as they are written); 0 where there is none. */
export function sumOf(text: string, name: string, ...labels: readonly string[]): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue;
    const rest = line.slice(name.length);
    if (rest[0] !== '{' && rest[0] !== ' ') continue; // a longer name
    const end = rest[0] === '{' ? rest.lastIndexOf('}') + 1 : 0;
    const head = rest.slice(0, end);
    if (labels.every((label) => head.includes(label))) sum += Number(rest.slice(end).trim().split(' ')[0]);
  }
  return sum;
}

export function hasMetric(text: string, name: string): boolean {
  return text.includes(`\n${name}{`) || text.includes(`\n${name} `);
}
