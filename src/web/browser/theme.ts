// Dark or light: as the system says, or as chosen here; the choice is kept by the browser.
import { byId } from './dom.ts';

const CHOICES = ['auto', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];
const KEY = 'arenascope.theme';

export function followTheme(onChange: () => void): void {
  const button = byId('theme', HTMLButtonElement);
  let choice: Choice = CHOICES.find((known) => known === stored()) ?? 'auto';
  const apply = (): void => {
    if (choice === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = choice;
    button.textContent = `Theme: ${choice}`;
    onChange();
  };
  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]!;
    store(choice);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  if (choice !== 'auto') apply();
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is forbidden: the choice holds for this visit
  }
}

function store(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // as above
  }
}
