// How the page stands with the service, in one line that is also spoken: live, polling, or gone and coming back.
import type { ClientStatus } from '../../client/index.ts';
import { byId, setText } from './dom.ts';

export class Connection {
  readonly #pill = byId('connection', HTMLElement);
  #feed: ClientStatus = 'connecting';
  #isSilent = false;
  #wasLost = false;
  #problem = '';

  feed(status: ClientStatus, _why: string): void {
    this.#feed = status;
    this.#show();
  }

  answered(): void {
    this.#isSilent = false;
    this.#problem = '';
    this.#show();
  }

  silent(): void {
    this.#isSilent = this.#wasLost = true;
    this.#show();
  }

  refused(problem: string): void {
    this.#isSilent = false;
    this.#problem = problem;
    this.#show();
  }

  #show(): void {
    const [state, text] = this.#state();
    this.#pill.dataset['state'] = state;
    this.#pill.title = this.#problem;
    setText(this.#pill, text);
  }

  #state(): [state: 'live' | 'polling' | 'waiting', text: string] {
    if (this.#isSilent) return ['waiting', 'the service does not answer; trying again'];
    const again = this.#wasLost ? ', reconnected' : '';
    return this.#feed === 'live' ? ['live', `live${again}`] : ['polling', `polling${again}; no event feed`];
  }
}
