// The controls: the simulation's (where the service has one) and what real requests do. What changed, or why not, is said below them.
import { ApiError, getJson, postJson, putBody, setAdminToken } from './api.ts';
import { byId, element, setText } from './dom.ts';
import { formatBytes, formatCount, plural } from './format.ts';
import { type SimulationChange, type SimulationInfo, speedLabel, SPEEDS } from './simulation.ts';

const BODY_BYTES = 20 * 1024 * 1024; // `dd bs=1024k count=20`, the story's 20MB.file

interface Receipt {
  readonly bytes: number;
  readonly components: number;
  readonly consolidations: number;
  readonly eventLoop: number;
  readonly arena: number;
}

export class ControlPanel {
  readonly #pause = byId('pause', HTMLButtonElement);
  readonly #speed = byId('speed', HTMLSelectElement);
  readonly #scenario = byId('scenario', HTMLSelectElement);
  readonly #seed = byId('seed', HTMLInputElement);
  readonly #fields = byId('settings-fields', HTMLElement);
  readonly #onChanged: () => void;
  #info: SimulationInfo | null = null;
  #isScenarioChosen = false; // but not yet started

  constructor(onChanged: () => void) {
    this.#onChanged = onChanged;
    this.#speed.replaceChildren(...SPEEDS.map(([value, label]) => element('option', { value }, label)));
    this.#pause.addEventListener('click', () => this.#change({ paused: !this.#info?.paused }));
    this.#speed.addEventListener('change', () => this.#change({ speed: Number(this.#speed.value) }));
    this.#scenario.addEventListener('change', () => (this.#isScenarioChosen = true));
    byId('reset', HTMLButtonElement).addEventListener('click', () => this.#reset());
    byId('settings-apply', HTMLButtonElement).addEventListener('click', () => this.#reset(this.#readSettings()));
    byId('send', HTMLButtonElement).addEventListener('click', (event) => this.#whileDisabled(event, () => this.#sendBody()));
    byId('trim', HTMLButtonElement).addEventListener('click', (event) => this.#whileDisabled(event, () => this.#trim()));
    byId('token', HTMLInputElement).addEventListener('change', (event) => setAdminToken((event.target as HTMLInputElement).value));
  }

  /** Asks how the simulation stands. */
  async refresh(): Promise<SimulationInfo> {
    this.#info = await getJson<SimulationInfo>('/api/simulation');
    this.#show(this.#info);
    return this.#info;
  }

  #show({ scenario, scenarios, seed, speed, paused, settings }: SimulationInfo): void {
    const isNone = scenario === 'none';
    this.#pause.disabled = this.#speed.disabled = isNone;
    setText(this.#pause, paused ? 'Go on' : 'Pause');
    showChoice(this.#speed, String(speed), speedLabel(speed));
    for (const name of scenarios) addChoice(this.#scenario, name, name);
    if (!this.#isScenarioChosen) showChoice(this.#scenario, scenario, scenario);
    if (document.activeElement !== this.#seed && this.#seed.value === '') this.#seed.value = String(seed);
    if (this.#fields.childElementCount === 0) this.#fillSettings(settings);
  }

  #fillSettings(settings: SimulationInfo['settings']): void {
    const fields = Object.entries(settings).map(([name, value]) => element('label', {}, name, element('input', { name, value })));
    this.#fields.replaceChildren(...fields);
  }

  /** Only what differs from what holds now. */
  #readSettings(): SimulationInfo['settings'] {
    const now = this.#info?.settings ?? {};
    const inputs = [...this.#fields.querySelectorAll('input')].map(({ name, value }): [string, string] => [name, value.trim()]);
    return Object.fromEntries(inputs.filter(([name, value]) => value !== now[name]));
  }

  #reset(settings: SimulationInfo['settings'] = {}): void {
    const seed = Number(this.#seed.value);
    if (this.#seed.value === '' || !Number.isInteger(seed) || seed < 0)
      return this.#say(`seed: ${this.#seed.value} (expected: a whole number from 0)`, true);
    const [scenario, hasSettings] = [this.#scenario.value, Object.keys(settings).length > 0];
    this.#isScenarioChosen = false;
    this.#change({ reset: true, scenario, seed, ...(hasSettings && { settings }) }, () => this.#fields.replaceChildren()); // then filled with what holds
  }

  #change(change: SimulationChange, onDone: () => void = () => undefined): void {
    void this.#attempt(async () => {
      await postJson('/api/simulation', change);
      onDone();
      await this.refresh();
      this.#onChanged();
      return change.reset ? 'Started again.' : change.paused === undefined ? 'Changed.' : change.paused ? 'Paused.' : 'Going on.';
    });
  }

  async #sendBody(): Promise<void> {
    this.#say('Sending …');
    await this.#attempt(async () => {
      const started = performance.now();
      const { bytes, components, consolidations, eventLoop, arena } = await putBody<Receipt>(
        '/ingest',
        new Blob([new Uint8Array(BODY_BYTES)]),
      );
      this.#onChanged();
      return `${formatCount(bytes)} bytes in ${Math.round(performance.now() - started)} ms: ${plural(components, 'component')}, ${plural(consolidations, 'consolidation')}, event loop ${eventLoop}, arena ${arena}.`; // prettier-ignore
    });
  }

  #trim(): Promise<void> {
    return this.#attempt(async () => {
      const { freed, cachedBytes } = await postJson<{ freed: number; cachedBytes: number }>('/api/trim');
      this.#onChanged();
      return `${plural(freed, 'region')} went back to their chunks; thread caches keep ${formatBytes(cachedBytes)}.`;
    });
  }

  async #attempt(act: () => Promise<string>): Promise<void> {
    try {
      this.#say(await act());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) byId('token-row', HTMLElement).hidden = false;
      this.#say(error.message, true);
      this.#onChanged(); // a refused body has left its mark
    }
  }

  #say(text: string, isProblem = false): void {
    const answer = byId('control-answer', HTMLElement);
    setText(answer, text);
    answer.classList.toggle('alarm', isProblem);
  }

  #whileDisabled(event: Event, act: () => Promise<void>): void {
    const button = event.currentTarget as HTMLButtonElement;
    if (button.getAttribute('aria-disabled') === 'true') return; // not `disabled`, which would take the focus away
    button.setAttribute('aria-disabled', 'true');
    void act().finally(() => button.removeAttribute('aria-disabled'));
  }
}

function addChoice(select: HTMLSelectElement, value: string, label: string): void {
  if (![...select.options].some((option) => option.value === value)) select.append(element('option', { value }, label));
}

/** Shows what holds, unless somebody is choosing. */
function showChoice(select: HTMLSelectElement, value: string, label: string): void {
  if (document.activeElement === select && select.value !== '') return;
  addChoice(select, value, label);
  if (select.value !== value) select.value = value;
}
