// The peer: how many messages it works on, in which order, and for how long.
import { describe, expect, test } from 'vitest';
import type { Message } from './message.ts';
import { Peer, type PeerOptions, PROMPT_PEER } from './peer.ts';

function create(options: Partial<PeerOptions>, random = () => 0.5) {
  const answered: string[] = [];
  const later: { seconds: number; message: Message }[] = [];
  const peer: Peer = new Peer(
    { ...PROMPT_PEER, ...options },
    (message) => answered.push((message as unknown as { name: string }).name),
    (seconds, message) => later.push({ seconds, message }),
    random,
  );
  return { peer, answered, later, elapse: () => peer.answered(later.shift()!.message) };
}
const message = (name: string, bytes = 1000) => ({ name, bytes }) as unknown as Message;

test('a prompt peer answers at once and keeps nothing', () => {
  const { peer, answered, later } = create({});
  peer.take(message('a'));
  expect([answered, later, peer.held]).toEqual([['a'], [], 0]);
});

describe('a slow peer', () => {
  test('keeps a message until it answers', () => {
    const { peer, answered, elapse } = create({ latencySeconds: 2 });
    peer.take(message('a'));
    expect([answered, peer.held]).toEqual([[], 1]);
    elapse();
    expect([answered, peer.held]).toEqual([['a'], 0]);
  });

  test('works on so many at a time; the others wait in order, and are kept too', () => {
    const { peer, answered, later, elapse } = create({ latencySeconds: 2, concurrency: 2 });
    for (const name of 'abcde') peer.take(message(name));
    expect([peer.busy, peer.held, later.length]).toEqual([2, 5, 2]);
    for (let i = 0; i < 5; i++) {
      elapse();
      expect(peer.busy).toBeLessThanOrEqual(2);
    }
    expect([answered.join(''), peer.held]).toEqual(['abcde', 0]);
  });

  test('does not let a message pass those that wait, even one that arrives while another is answered', () => {
    const order: string[] = [];
    const waiting: Message[] = [];
    const peer: Peer = new Peer(
      { ...PROMPT_PEER, latencySeconds: 1, concurrency: 1 },
      (answered) => {
        const { name } = answered as unknown as { name: string };
        order.push(name);
        if (name === 'a') peer.take(message('late'));
      },
      (_, taken) => waiting.push(taken),
      () => 0.5,
    );
    for (const name of 'abc') peer.take(message(name));
    while (waiting.length > 0) peer.answered(waiting.shift()!);
    expect(order).toEqual(['a', 'b', 'c', 'late']);
    expect(peer.held).toBe(0);
  });

  test('forgets a message that waits; one it works on it does not give back', () => {
    const { peer, answered, elapse } = create({ latencySeconds: 2, concurrency: 1 });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => message(name)) as [Message, Message, Message];
    for (const each of [a, b, c]) peer.take(each);
    expect([peer.withdraw(b), peer.withdraw(a), peer.withdraw(b), peer.held]).toEqual([true, false, false, 2]);
    elapse();
    elapse();
    expect(answered).toEqual(['a', 'c']);
  });
});

describe('its time', () => {
  const secondsOf = (options: Partial<PeerOptions>, random?: () => number) => {
    const { peer, later } = create(options, random);
    peer.take(message('a', 3000));
    return later[0]?.seconds;
  };
  test('is the median where chance says so, plus the time for the bytes', () => {
    expect(secondsOf({ latencySeconds: 2, bytesPerSecond: 1000 })).toBe(5);
    expect(secondsOf({ bytesPerSecond: 1500 })).toBe(2);
    expect(secondsOf({ latencySeconds: 0.25, sigma: 0 }, () => 0.9)).toBe(0.25);
  });
  test('is lognormal: half are above the median, and ln of it spreads by sigma', () => {
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647; // Lehmer's, seeded
    const { peer, later } = create({ latencySeconds: 3, sigma: 0.8 }, random);
    for (let i = 0; i < 20_000; i++) peer.take(message('a'));
    const logs = later.map(({ seconds }) => Math.log(seconds / 3));
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(deviation - 0.8)).toBeLessThan(0.03);
    expect(later.filter(({ seconds }) => seconds > 3).length / later.length).toBeCloseTo(0.5, 1);
  });
});
