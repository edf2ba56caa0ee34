// One allocator tells one listener; this one passes it on to any number: metrics, feed, log.
import type { AllocatorListener } from '../allocator/index.ts';

export class ListenerFanOut implements Required<AllocatorListener> {
  #listeners: readonly AllocatorListener[] = [];

  /** Returns how to take the listener off again. */
  add(listener: AllocatorListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  chunkCreated(...told: Parameters<Required<AllocatorListener>['chunkCreated']>): void {
    for (const listener of this.#listeners) listener.chunkCreated?.(...told);
  }
  chunkMoved(...told: Parameters<Required<AllocatorListener>['chunkMoved']>): void {
    for (const listener of this.#listeners) listener.chunkMoved?.(...told);
  }
  chunkDestroyed(...told: Parameters<Required<AllocatorListener>['chunkDestroyed']>): void {
    for (const listener of this.#listeners) listener.chunkDestroyed?.(...told);
  }
  hugeTaken(...told: Parameters<Required<AllocatorListener>['hugeTaken']>): void {
    for (const listener of this.#listeners) listener.hugeTaken?.(...told);
  }
  hugeReleased(...told: Parameters<Required<AllocatorListener>['hugeReleased']>): void {
    for (const listener of this.#listeners) listener.hugeReleased?.(...told);
  }
  memoryExhausted(...told: Parameters<Required<AllocatorListener>['memoryExhausted']>): void {
    for (const listener of this.#listeners) listener.memoryExhausted?.(...told);
  }
  cacheTrimmed(...told: Parameters<Required<AllocatorListener>['cacheTrimmed']>): void {
    for (const listener of this.#listeners) listener.cacheTrimmed?.(...told);
  }
}
