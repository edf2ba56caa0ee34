// Where a region lies in its chunk, in one small integer (31 bits, whatever the geometry; nodeBits = maxOrder + 1):
//
//   run    | 0 | 0 ………………… | node (nodeBits) |
//   slot   | 1 | slot …………… | node (nodeBits) |      bit 30 marks a subpage slot
//
// Netty's own handle is 64 bits: node in the low half, `0x40000000 | slot` in the high half for a slot.

const SUBPAGE_BIT = 1 << 30; // see hot-path note in README.md: a file's own constants are folded, imported ones are loaded

/** "Nothing": no node, no buffer, no queue. */
export const NONE = -1;

export const nodeOf = (handle: number, nodeBits: number) => handle & ((1 << nodeBits) - 1);
export const slotOf = (handle: number, nodeBits: number) => (handle & ~SUBPAGE_BIT) >>> nodeBits;
export const isSlot = (handle: number) => (handle & SUBPAGE_BIT) !== 0;
export const slotHandle = (node: number, slot: number, nodeBits: number) => SUBPAGE_BIT | (slot << nodeBits) | node;

/** Netty's 64-bit handle in hexadecimal, for dumps and traces. */
export function nettyHandle(handle: number, nodeBits: number): string {
  const node = nodeOf(handle, nodeBits);
  if (!isSlot(handle)) return node.toString(16);
  return (SUBPAGE_BIT | slotOf(handle, nodeBits)).toString(16) + node.toString(16).padStart(8, '0');
}
