// The event log: the newest events that pass the filters, a bounded number of them, drawn a few times a second however many come.
import { describeEvent, EVENT_TYPES, EVENTS, type EventType, type FeedEvent } from '../../client/index.ts';
import { byId, element, setText } from './dom.ts';
import { formatClock, formatCount, formatSimTime, plural } from './format.ts';

const CAPACITY = 4096; // events kept, oldest overwritten
const MAX_ROWS = 150;
const DRAW_MILLISECONDS = 300;
const BAD: ReadonlySet<EventType> = new Set(['memory.exhausted', 'request.failed', 'alert.fired']);

export class EventLog {
  readonly #ring: (FeedEvent | undefined)[] = Array<FeedEvent | undefined>(CAPACITY);
  readonly #rows = byId('event-rows', HTMLElement);
  readonly #search = byId('event-search', HTMLInputElement);
  readonly #arena = byId('event-arena', HTMLSelectElement);
  readonly #hold = byId('event-hold', HTMLButtonElement);
  readonly #hidden = new Set<EventType>();
  readonly #onDemandChips: HTMLElement[] = [];
  #count = 0; // events ever
  #shown = 0; // rows
  #isDue = false;

  #isVisible = false;

  /** `onWanted`: told whether events that are made on demand are wanted. */
  constructor(onWanted: (requests: boolean) => void) {
    this.#arena.append(element('option', { value: '' }, 'all'));
    this.#makeChips();
    new IntersectionObserver(([entry]) => {
      this.#isVisible = entry!.isIntersecting;
      this.#draw();
    }).observe(byId('events', HTMLElement));
    const redraw = () => this.#draw();
    this.#search.addEventListener('input', redraw);
    this.#arena.addEventListener('change', redraw);
    this.#hold.addEventListener('click', () => {
      this.#hold.setAttribute('aria-pressed', String(!this.#isHeld));
      redraw();
    });
    const requests = byId('event-requests', HTMLInputElement);
    requests.addEventListener('change', () => {
      for (const chip of this.#onDemandChips) chip.hidden = !requests.checked;
      onWanted(requests.checked);
    });
  }

  get #isHeld(): boolean {
    return this.#hold.getAttribute('aria-pressed') === 'true';
  }

  add(event: FeedEvent): void {
    this.#ring[this.#count++ % CAPACITY] = event;
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      if (!this.#isHeld) this.#draw();
    }, DRAW_MILLISECONDS);
  }

  setArenas(count: number): void {
    for (let arena = this.#arena.options.length - 1; arena < count; arena++)
      this.#arena.append(element('option', { value: arena }, String(arena)));
  }

  #makeChips(): void {
    const chips = EVENT_TYPES.map((type): HTMLElement => {
      const box = element('input', { type: 'checkbox', checked: true });
      box.addEventListener('change', () => {
        if (box.checked) this.#hidden.delete(type);
        else this.#hidden.add(type);
        this.#draw();
      });
      const chip = element('label', { title: EVENTS[type].help, hidden: EVENTS[type].onDemand }, box, type);
      if (EVENTS[type].onDemand) this.#onDemandChips.push(chip);
      return chip;
    });
    byId('event-types', HTMLElement).append(...chips);
  }

  /** Out of sight only the count goes on. */
  #draw(): void {
    if (this.#isVisible) {
      const rows = this.#newestRows();
      this.#rows.replaceChildren(...rows);
      this.#shown = rows.length;
    }
    const shown = !this.#isVisible ? '' : this.#shown === 0 ? ', none passes the filters' : `, ${plural(this.#shown, 'event')} shown`;
    const note = this.#count === 0 ? 'None yet.' : `${formatCount(this.#count)} received${shown}${this.#isHeld ? ', held' : ''}.`;
    setText(byId('events-note', HTMLElement), note);
  }

  #newestRows(): HTMLElement[] {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean); // prettier-ignore
    const arena = this.#arena.value === '' ? null : Number(this.#arena.value);
    const rows: HTMLElement[] = [];
    const oldest = Math.max(0, this.#count - CAPACITY);
    for (let i = this.#count - 1; i >= oldest && rows.length < MAX_ROWS; i--) {
      const event = this.#ring[i % CAPACITY]!;
      if (this.#hidden.has(event.type) || (arena !== null && 'arena' in event && event.arena !== arena)) continue;
      const text = describeEvent(event);
      const searched = words.length === 0 ? '' : `${event.type} ${text} ${event.sequence}`.toLowerCase();
      if (words.every((word) => searched.includes(word))) rows.push(rowOf(event, text));
    }
    return rows;
  }
}

function rowOf(event: FeedEvent, text: string): HTMLElement {
  const time = event.simSeconds > 0 ? formatSimTime(event.simSeconds) : formatClock(event.wallMillis);
  const cells = [String(event.sequence), time, event.type, text].map((cell) => element('td', {}, cell));
  return element('tr', BAD.has(event.type) ? { class: 'bad' } : {}, ...cells);
}
