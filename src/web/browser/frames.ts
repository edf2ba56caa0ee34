// One animation loop for the whole page: whoever has something to draw asks for a frame; when nobody does, nothing runs.

type Draw = (now: number) => boolean; // true: draws again on the next frame

const wanted = new Set<Draw>();
let isScheduled = false;

export function requestFrame(draw: Draw): void {
  wanted.add(draw);
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(run);
}

function run(now: number): void {
  isScheduled = false;
  const round = [...wanted];
  wanted.clear();
  for (const draw of round) if (draw(now)) requestFrame(draw);
}

const calm = matchMedia('(prefers-reduced-motion: reduce)');
let isCalm = calm.matches; // asked for by every strip in every frame
calm.addEventListener('change', () => (isCalm = calm.matches));

/** How long a movement takes, milliseconds: not at all for who prefers reduced motion. */
export function motionMilliseconds(usual: number): number {
  return isCalm ? 0 : usual;
}
