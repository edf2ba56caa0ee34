// What differs between the Netty versions we reproduce. The algorithms read these fields; no other file names a version.

/** The chunk lists in the order of their minimum usage. */
export const LIST_NAMES = ['qInit', 'q000', 'q025', 'q050', 'q075', 'q100'] as const;
export type ListName = (typeof LIST_NAMES)[number];

export interface Profile {
  readonly version: '4.1.0.CR3' | '4.1.48.Final';
  /** Indices into LIST_NAMES, in the order in which an arena asks the lists for a run. */
  readonly searchOrder: readonly number[];
  /** A list refuses at once what its chunks can never hold: `chunk × (100 − max(1, minUsage)) / 100` (4.1.48). */
  readonly listCapacityBound: boolean;
  /** After a free a chunk falls through every list whose minimum it misses (4.1.48), or at most one (CR3, netty#5089). */
  readonly fallsThrough: boolean;
  /** A new thread cache takes the arenas in turn (CR3), or the one with the fewest caches (4.1.48). */
  readonly arenaChoice: 'in-turn' | 'fewest-caches';
  /** CR3 counts a normal allocation at the start of each normal-path call and huge before the attempt; releasing huge decrements. */
  readonly countsBeforeSuccess: boolean;
  /** A largest cached capacity of 0 means no normal queues (4.1.48), or still those of one page (CR3). */
  readonly zeroMaxCachedIsNone: boolean;
  /** The dump prints the subpage pools of index 0 (0 B and 512 B) too (4.1.48). */
  readonly dumpsPoolZero: boolean;
}

const [INIT, Q000, Q025, Q050, Q075, Q100] = [0, 1, 2, 3, 4, 5] as const;

export const PROFILES = {
  '4.1.0.CR3': {
    version: '4.1.0.CR3',
    searchOrder: [Q050, Q025, Q000, INIT, Q075, Q100],
    listCapacityBound: false,
    fallsThrough: false,
    arenaChoice: 'in-turn',
    countsBeforeSuccess: true,
    zeroMaxCachedIsNone: false,
    dumpsPoolZero: false,
  },
  '4.1.48.Final': {
    version: '4.1.48.Final',
    searchOrder: [Q050, Q025, Q000, INIT, Q075],
    listCapacityBound: true,
    fallsThrough: true,
    arenaChoice: 'fewest-caches',
    countsBeforeSuccess: false,
    zeroMaxCachedIsNone: true,
    dumpsPoolZero: true,
  },
} as const satisfies Record<string, Profile>;
export type NettyVersion = keyof typeof PROFILES;
