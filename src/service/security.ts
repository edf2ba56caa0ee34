// What keeps strangers out: headers on every answer, and the guard of operations that change state.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from './problems.ts';
import type { Settings } from './settings-table.ts';
import { isLoopback } from './settings.ts';

/** Nothing is loaded from elsewhere, nothing runs inline, nobody frames us. */
export const SECURITY_HEADERS: readonly (readonly [name: string, value: string])[] = [
  [
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Throws unless the request may change state: not from a foreign page, and with the token wherever one is needed. */
export function requireAdmin(request: IncomingMessage, settings: Settings): void {
  const { origin, host = '', authorization = '' } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site' || (origin !== undefined && originHost(origin) !== host))
    throw new ProblemError('FORBIDDEN', `origin: ${origin ?? site} (expected: this service itself, or no browser)`);
  if (settings.adminToken !== '') {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
    if (timingSafeEqual(digest(token), digest(settings.adminToken))) return;
    throw new ProblemError('TOKEN_NEEDED', 'authorization: not accepted (expected: Bearer and the admin token)', {
      'WWW-Authenticate': 'Bearer',
    });
  }
  // Without a token: this machine only. The Host header too must be loopback, else a page whose name was rebound to 127.0.0.1 gets in.
  if (!isLoopback(settings.host))
    throw new ProblemError('FORBIDDEN', `host: ${settings.host} (expected: loopback, or ARENASCOPE_ADMIN_TOKEN set)`);
  if (!isLoopback(host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')))
    throw new ProblemError('FORBIDDEN', `Host header: ${host} (expected: a loopback name or address)`);
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
