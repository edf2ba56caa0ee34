// What the page asks of the service. Only what the page reads is described; the whole is in /openapi.json.

export interface ChunkInfo {
  readonly id: number;
  readonly usagePercent: number;
  readonly liveBytes: number;
  readonly cachedBytes: number;
  readonly subpageBytes: number;
  readonly freeBytes: number;
  readonly largestFreeRunBytes: number;
}
export interface Arenas {
  readonly version: string;
  readonly pageBytes: number;
  readonly chunkBytes: number;
  readonly limitBytes: number;
  readonly reservedBytes: number;
  readonly hugeBytes: number;
  readonly hugeCount: number;
  readonly exhausted: { readonly chunk: number; readonly huge: number };
  readonly arenas: readonly { readonly index: number; readonly lists: readonly { readonly chunks: readonly ChunkInfo[] }[] }[];
  readonly threadCaches: readonly { readonly bytes: number }[];
}

export interface Holder {
  readonly holder: 'live' | 'thread_cache';
  readonly cache: number | null; // event loop
  readonly classBytes: number | null;
  readonly lengthBytes: number;
}
export interface Run {
  readonly firstPage: number;
  readonly pages: number;
  readonly bytes: number;
  readonly holder: 'free' | 'live' | 'thread_cache' | 'subpage';
  readonly cache?: number | null;
  readonly lengthBytes?: number;
  readonly elemBytes?: number;
  readonly maxElems?: number;
  readonly slots?: readonly Holder[];
}
export interface ChunkAccount {
  readonly id: number;
  readonly name: string;
  readonly list: string;
  readonly usagePercent: number;
  readonly bytes: number;
  readonly freeBytes: number;
  readonly pageBytes: number;
  readonly pages: number;
  readonly runs: readonly Run[];
}

/** An answer that is not 2xx; `status` 0: none at all. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const PATIENCE_MILLISECONDS = 20_000;
let adminToken = ''; // for this visit only: kept nowhere

export function setAdminToken(token: string): void {
  adminToken = token;
}

async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const headers: Record<string, string> = adminToken === '' ? {} : { Authorization: `Bearer ${adminToken}` };
  if (typeof options.body === 'string') headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  } catch {
    throw new ApiError(0, 'The service does not answer.');
  }
  if (response.ok) return response;
  throw new ApiError(response.status, await problemOf(response));
}

/** The detail of a problem document, else the status. */
async function problemOf(response: Response): Promise<string> {
  try {
    const { detail, title } = (await response.json()) as { detail?: string; title?: string };
    return detail ?? title ?? response.statusText;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

export async function getJson<T>(path: string): Promise<T> {
  return (await (await ask(path)).json()) as T;
}

export async function getText(path: string): Promise<string> {
  return (await ask(path)).text();
}

export async function getBytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(path)).arrayBuffer());
}

export async function postJson<T>(path: string, body?: unknown): Promise<T> {
  return (await (await ask(path, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).json()) as T;
}

export async function putBody<T>(path: string, body: Blob): Promise<T> {
  return (await (await ask(path, { method: 'PUT', body })).json()) as T;
}
