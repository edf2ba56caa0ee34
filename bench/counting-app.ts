// The baseline of bench/http.ts: the same Express app that only counts the bytes of a body. Prints its port as JSON.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express().disable('x-powered-by').disable('etag');
app.put('/', (request, response) => {
  let bytes = 0;
  request.on('data', (part: Buffer) => (bytes += part.length));
  request.on('end', () => response.json({ bytes }));
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
process.stdin.resume().on('end', () => process.exit());
