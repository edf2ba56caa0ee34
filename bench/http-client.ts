// The client of bench/http.ts, in a process of its own: obeys lines `run <port> <bytes> <count> <kept: 0 or 1>` and answers each with the seconds
// it took, as JSON. To 127.0.0.1, a request at a time, the body one buffer that is sent as it is.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const bodies = new Map<number, Buffer>();

function bodyOf(bytes: number): Buffer {
  const body = bodies.get(bytes) ?? Buffer.alloc(bytes, 'arenascope ');
  bodies.set(bytes, body);
  return body;
}

/** One request, resolved when its whole response has arrived. */
function request(socket: Socket, bytes: number): Promise<void> {
  socket.write(`PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes}\r\n\r\n`);
  socket.write(bodyOf(bytes));
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (part: Buffer) => {
      text += part.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (end < 0 || text.length < end + 4 + length) return;
      socket.off('data', onData);
      if (text.startsWith('HTTP/1.1 200')) resolve();
      else reject(new Error(text.slice(0, 400)));
    };
    socket.on('data', onData);
  });
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** Seconds for `count` requests: on one connection that is kept, or each on a new one, as curl's are in the story. */
async function run(port: number, bytes: number, count: number, isKept: boolean): Promise<number> {
  let socket = await open(port);
  const started = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    if (i > 0 && !isKept) socket = await open(port);
    await request(socket, bytes);
    if (!isKept) socket.destroy();
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  socket.destroy();
  return seconds;
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const [, port, bytes, count, isKept] = line.split(' ').map(Number);
  console.log(JSON.stringify({ seconds: await run(port!, bytes!, count!, isKept === 1) }));
}
