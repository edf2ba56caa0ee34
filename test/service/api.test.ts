// Everything besides bodies: routes against the document, answers against its schemas, the dump, metrics, guards, the page.
import { type Express } from 'express';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { putHead, RawClient, send, start, until } from './harness.ts';

interface Described {
  readonly responses: Record<string, { content?: Record<string, { schema?: z.core.JSONSchema.JSONSchema & { $ref?: string } }> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { schemas: Record<string, z.core.JSONSchema.JSONSchema> };
}
const TOKEN = 'a-token-of-a-decent-length';

async function documentOf(url: string): Promise<Document> {
  return (await (await fetch(`${url}/openapi.json`)).json()) as Document;
}

/** Holds an answer against what the document says of it: status, media type, and the body where that is JSON. */
async function expectAsDescribed(document: Document, path: string, method: string, answer: Response): Promise<void> {
  const { responses } = document.paths[path]![method]!;
  const described = responses[answer.status] ?? responses['default']!;
  const media = answer.headers.get('content-type')!.split(';')[0]!;
  expect(Object.keys(described.content!)).toContain(media);
  const schema = described.content![media]!.schema;
  const text = await answer.text();
  if (schema === undefined) return;
  const named = schema.$ref?.split('/').at(-1);
  const parsed = z.fromJSONSchema(named === undefined ? schema : document.components.schemas[named]!).safeParse(JSON.parse(text));
  expect(parsed.error?.issues ?? []).toEqual([]);
}

/** What Express would answer: `METHOD /path`, in the document's notation. */
function routesOf(app: Express): string[] {
  const layers = (app.router as unknown as { stack: { route?: { path: string; methods: Record<string, boolean> } }[] }).stack;
  return layers.flatMap(({ route }) =>
    route === undefined ? [] : Object.keys(route.methods).map((method) => `${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`),
  );
}

describe('/openapi.json', () => {
  test('lists every route, and nothing else', async () => {
    const { service, url } = await start();
    const { paths } = await documentOf(url);
    const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(described.sort()).toEqual(routesOf(service.app).sort());
  });

  test.each([
    ['get', '/', '/'],
    ['get', '/api/chunkmap', '/api/chunkmap'],
    ['get', '/api/explain', '/api/explain'],
    ['get', '/api/explain', '/api/explain?format=text&arena=1&chunks=0'],
    ['get', '/api/explain', '/api/explain?arena=9'],
    ['get', '/api/explain', '/api/explain?format=xml'],
    ['get', '/api/history', '/api/history'],
    ['get', '/api/history', '/api/history?from=-1'],
    ['put', '/', '/?digest=sha256'],
    ['post', '/', '/'],
    ['put', '/ingest', '/ingest'],
    ['post', '/ingest', '/ingest?digest=sha256'],
    ['post', '/echo', '/echo'],
    ['get', '/metrics', '/metrics'],
    ['get', '/api/arenas', '/api/arenas'],
    ['get', '/api/arenas', '/api/arenas?format=text'],
    ['get', '/api/arenas/{arena}/chunks/{chunk}', '/api/arenas/0/chunks/0'],
    ['get', '/api/arenas/{arena}/chunks/{chunk}', '/api/arenas/9/chunks/0'],
    ['get', '/api/arenas/{arena}/chunks/{chunk}', '/api/arenas/0/chunks/99'],
    ['get', '/api/arenas/{arena}/chunks/{chunk}', '/api/arenas/0/chunks/x'],
    ['post', '/api/trim', '/api/trim'],
    ['get', '/healthz', '/healthz'],
    ['get', '/readyz', '/readyz'],
    ['get', '/openapi.json', '/openapi.json'],
    ['put', '/', '/?digest=md5'],
    ['get', '/api/arenas', '/api/arenas?format=yaml&x=1'],
  ])('describes what %s %s answers (%s)', async (method, path, address) => {
    const { url } = await start();
    await send(url, new Uint8Array(20 << 20)); // chunks with thread caches, subpages and free runs
    const body = method === 'get' ? null : new Uint8Array(1000);
    const answer = await send(url + address, body, { method: method.toUpperCase() });
    await expectAsDescribed(await documentOf(url), path, method, answer);
  });

  test('describes a 503 and a 413', async () => {
    const { url } = await start(['--direct-memory=16m', '--arenas=1', '--body-limit=40m']);
    const document = await documentOf(url);
    for (const [mebibytes, status] of [[20, 503], [41, 413]] as const) {
      const answer = await send(url, new Uint8Array(mebibytes << 20));
      expect(answer.status).toBe(status);
      await expectAsDescribed(document, '/', 'put', answer);
    } // prettier-ignore
  });
});

describe('/api/arenas', () => {
  test('as text is Netty’s dump, empty arenas too', async () => {
    const { url } = await start();
    const empty = 'Chunk(s) at 0~25%:\nnone\nChunk(s) at 0~50%:\nnone\nChunk(s) at 25~75%:\nnone\nChunk(s) at 50~100%:\nnone\nChunk(s) at 75~100%:\nnone\nChunk(s) at 100%:\nnone\ntiny subpages:\nsmall subpages:\n'; // prettier-ignore
    const answer = await fetch(`${url}/api/arenas`, { headers: { Accept: 'text/plain' } });
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/plain; charset=utf-8', `${empty}\n${empty}`]);
  });

  test('is JSON unless text is asked for; the query goes before the header', async () => {
    const { url } = await start();
    const typeOf = async (path: string, accept: string) =>
      (await fetch(url + path, { headers: { Accept: accept } })).headers.get('content-type')!.split(';')[0];
    expect([
      await typeOf('/api/arenas', '*/*'),
      await typeOf('/api/arenas', 'text/html, text/plain'),
      await typeOf('/api/arenas?format=json', 'text/plain'),
      await typeOf('/api/arenas?format=text', 'application/json'),
    ]).toEqual(['application/json', 'text/plain', 'application/json', 'text/plain']);
  });

  test('names chunks alike in both forms, and in the chunk view', async () => {
    const { url } = await start();
    await send(url, new Uint8Array(1000));
    const view = (await (await fetch(`${url}/api/arenas`)).json()) as { arenas: { lists: { chunks: { id: number; name: string }[] }[] }[] };
    const [chunk] = view.arenas[0]!.lists.flatMap(({ chunks }) => chunks);
    const text = await (await fetch(`${url}/api/arenas?format=text`)).text();
    const one = (await (await fetch(`${url}/api/arenas/0/chunks/${chunk!.id}`)).json()) as { name: string };
    expect([text.includes(`Chunk(${chunk!.name}: `), one.name]).toEqual([true, chunk!.name]);
  });
});

describe('POST /api/trim', () => {
  const trim = (url: string, headers: Record<string, string> = {}) => fetch(`${url}/api/trim`, { method: 'POST', headers });

  test('gives back what thread caches keep', async () => {
    const { url, service } = await start();
    await send(url, new Uint8Array(100_000));
    expect(await (await trim(url)).json()).toMatchObject({ freed: expect.any(Number) as number });
    const again = (await (await trim(url)).json()) as Record<string, number>; // hits since the last trim are 0 now: everything goes
    expect([again['cachedBytes'], service.runtime.allocator.caches.trims[0]]).toEqual([0, 2]);
  });

  test.each([
    ['no token', {}, 401],
    ['another token', { Authorization: 'Bearer another-token-of-length' }, 401],
    ['the token', { Authorization: `Bearer ${TOKEN}` }, 200],
    ['the token from a foreign page', { Authorization: `Bearer ${TOKEN}`, Origin: 'http://evil.example' }, 403],
  ])('with a token set and %s given answers as it should', async (_, headers, status) => {
    const { url } = await start([`--admin-token=${TOKEN}`]);
    expect((await trim(url, headers)).status).toBe(status);
  });

  test('refuses pages of other origins, and names that were rebound to this machine', async () => {
    const { url } = await start();
    const port = new URL(url).port;
    const statuses = [
      (await trim(url, { Origin: 'http://evil.example' })).status,
      (await trim(url, { Origin: 'null' })).status,
      (await trim(url, { Origin: url })).status,
    ];
    const rebound = new RawClient(url);
    await rebound.send(`POST /api/trim HTTP/1.1\r\nHost: evil.example:${port}\r\nOrigin: http://evil.example:${port}\r\nContent-Length: 0\r\n\r\n`).receives('FORBIDDEN'); // prettier-ignore
    expect(statuses).toEqual([403, 403, 200]);
    rebound.socket.destroy();
  });

  test('is refused without a token where the service is reachable from outside, which the log says', async () => {
    const { url, logged } = await start(['--host=0.0.0.0']);
    expect((await trim(url.replace('0.0.0.0', '127.0.0.1'))).status).toBe(403);
    expect(logged).toMatchObject([{ level: 40, host: '0.0.0.0' }]);
  });
});

test('a known address with another method is answered 405 with what it takes, an unknown one 404', async () => {
  const { url } = await start();
  const wrong = await fetch(`${url}/ingest`, { method: 'DELETE' });
  const read = await fetch(`${url}/api/arenas`, { method: 'POST', body: 'x' });
  const unknown = await fetch(`${url}/api/nothing`);
  expect([wrong.status, wrong.headers.get('allow'), read.status, read.headers.get('allow')]).toEqual([405, 'POST, PUT', 405, 'GET, HEAD']);
  expect([unknown.status, unknown.headers.get('content-type'), await unknown.json()]).toMatchObject([404, 'application/problem+json', { code: 'NOT_FOUND' }]); // prettier-ignore
});

test('a path that cannot be decoded is answered 400', async () => {
  const { url } = await start();
  const client = new RawClient(url);
  await client.send('GET /api/arenas/%zz/chunks/0 HTTP/1.1\r\nHost: a\r\n\r\n').receives('BAD_QUERY');
  expect(client.received.slice(9, 12)).toBe('400');
  client.socket.destroy();
});

test('every answer carries the security headers', async () => {
  const { url } = await start();
  for (const path of ['/', '/api/arenas', '/nothing', '/metrics']) {
    const { headers } = await fetch(url + path);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect([headers.get('x-content-type-options'), headers.get('x-powered-by')]).toEqual(['nosniff', null]);
  }
});

test('the page loads nothing from elsewhere and has nothing inline', async () => {
  const { url } = await start();
  const html = await (await fetch(url)).text();
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)/);
});

test('/metrics counts requests by method and code, connections, messages and their sizes', async () => {
  const { url } = await start();
  await send(url, new Uint8Array(5000));
  await fetch(`${url}/nothing`);
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toContain('http_requests_total{method="PUT",code="200"} 1\n');
  expect(text).toContain('http_requests_total{method="GET",code="404"} 1\n');
  expect(text).toContain('http_requests_in_flight 1\n'); // this one
  expect(text).toContain('pipeline_message_size_bytes_sum 5000\n');
});

test('a client that leaves once it has its refusal is counted as answered', async () => {
  const { url, service } = await start(['--body-limit=10']);
  const client = new RawClient(url);
  await client.send(putHead(10_000_000), 'x').receives('BODY_TOO_LARGE');
  client.socket.destroy();
  await client.closed;
  await until(() => service.traffic.connections === 0);
  const text = await service.metricsText();
  expect(text).toContain('http_requests_total{method="PUT",code="413"} 1\n');
  expect(text).toContain('http_requests_aborted_total{outcome="disconnected"} 0\n');
});

describe('POST /api/alerts', () => {
  const alert = (status: string) => ({
    status,
    labels: { alertname: 'DirectMemoryHeadroomLow', severity: 'warning', instance: 'a:3000' },
    annotations: { summary: 'Headroom is low.' },
    startsAt: '2026-11-22T00:00:00Z',
  });

  test('makes Alertmanager’s alerts events of the feed', async () => {
    const { service, url } = await start();
    const body = JSON.stringify({ version: '4', status: 'firing', receiver: 'arenascope', alerts: [alert('firing'), alert('resolved')] });
    const answer = await fetch(`${url}/api/alerts`, { method: 'POST', body });
    await expectAsDescribed(await documentOf(url), '/api/alerts', 'post', answer.clone());
    expect(await answer.json()).toEqual({ taken: 2 });
    const { ring } = service.feed;
    const events = [ring.last - 1, ring.last].map((sequence) => JSON.parse(ring.textOf(sequence)) as Record<string, unknown>);
    const common = { alert: 'DirectMemoryHeadroomLow', severity: 'warning', summary: 'Headroom is low.', labels: { instance: 'a:3000' } };
    expect(events).toMatchObject([
      { type: 'alert.fired', ...common },
      { type: 'alert.resolved', ...common },
    ]);
  });

  test('refuses what is no notification, and strangers', async () => {
    const { url } = await start([`--admin-token=${TOKEN}`]);
    const post = (body: string, headers = {}) => fetch(`${url}/api/alerts`, { method: 'POST', body, headers });
    const token = { Authorization: `Bearer ${TOKEN}` };
    expect((await post('{}')).status).toBe(401);
    expect((await post('{}', token)).status).toBe(400);
    expect((await post(JSON.stringify({ version: '4', alerts: [] }), token)).status).toBe(200);
  });
});
