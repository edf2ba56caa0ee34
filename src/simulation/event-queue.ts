// What happens next: a binary heap of (time, order, code) in typed arrays, with one place in front of it.
//
//   front ≤ heap[0] or front is empty;   heap[(i − 1) >> 1] ≤ heap[i];   equal times leave in the order in which they came
//
// A request that overlaps nothing schedules each of its steps before everything else: those steps stay in the front place and
// never touch the heap (benchmark: bench/simulation.ts, "queue" rows).

export class EventQueue {
  private times = new Float64Array(64); // microseconds
  private orders = new Float64Array(64);
  private codes = new Int32Array(64);
  private count = 0; // in the heap
  private frontTime = Infinity;
  private frontOrder = 0;
  private frontCode = 0;
  private pushed = 0;

  get size(): number {
    return this.count + (this.frontTime === Infinity ? 0 : 1);
  }

  /** When the next event is due; Infinity: there is none. */
  get nextTime(): number {
    return this.frontTime !== Infinity ? this.frontTime : this.count > 0 ? this.times[0]! : Infinity;
  }

  /** `time` below Infinity. */
  push(time: number, code: number): void {
    const order = this.pushed++;
    if (this.frontTime === Infinity) {
      if (this.count > 0 && time >= this.times[0]!) return this.sink(time, order, code);
    } else if (time >= this.frontTime) return this.sink(time, order, code);
    else this.sink(this.frontTime, this.frontOrder, this.frontCode);
    this.frontTime = time;
    this.frontOrder = order;
    this.frontCode = code;
  }

  /** The code of the next event, which is removed. */
  pop(): number {
    if (this.frontTime === Infinity) return this.popHeap();
    this.frontTime = Infinity;
    return this.frontCode;
  }

  /** Into the heap: move the parents that are later down, until the place is found. */
  private sink(time: number, order: number, code: number): void {
    if (this.count === this.codes.length) this.grow();
    const { times, orders, codes } = this;
    let at = this.count++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent]!;
      if (parentTime < time || (parentTime === time && orders[parent]! < order)) break;
      times[at] = parentTime;
      orders[at] = orders[parent]!;
      codes[at] = codes[parent]!;
      at = parent;
    }
    times[at] = time;
    orders[at] = order;
    codes[at] = code;
  }

  private popHeap(): number {
    const { times, orders, codes } = this;
    const code = codes[0]!;
    const last = --this.count;
    const time = times[last]!;
    const order = orders[last]!;
    let at = 0;
    for (let child = 1; child < last; child = 2 * at + 1) {
      if (child + 1 < last && isBefore(times[child + 1]!, orders[child + 1]!, times[child]!, orders[child]!)) child++;
      if (!isBefore(times[child]!, orders[child]!, time, order)) break;
      times[at] = times[child]!;
      orders[at] = orders[child]!;
      codes[at] = codes[child]!;
      at = child;
    }
    times[at] = time;
    orders[at] = order;
    codes[at] = codes[last]!;
    return code;
  }

  private grow(): void {
    const length = this.codes.length * 2;
    const [times, orders, codes] = [this.times, this.orders, this.codes];
    this.times = new Float64Array(length);
    this.orders = new Float64Array(length);
    this.codes = new Int32Array(length);
    this.times.set(times);
    this.orders.set(orders);
    this.codes.set(codes);
  }
}

function isBefore(time: number, order: number, otherTime: number, otherOrder: number): boolean {
  return time < otherTime || (time === otherTime && order < otherOrder);
}
