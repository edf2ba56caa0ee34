// The page, wired: what is asked for and how often, what the feed hastens, and who shows it.
import { FeedClient, DEFAULT_TYPES, EVENT_TYPES } from '../../client/index.ts';
import { ApiError, type Arenas, getBytes, getJson, getText } from './api.ts';
import { ArenaView } from './arena-view.ts';
import { Charts } from './charts.ts';
import { Connection } from './connection.ts';
import { ControlPanel } from './control-panel.ts';
import { byId, element } from './dom.ts';
import { EventLog } from './event-log.ts';
import { askProspects } from './explanation.ts';
import { Glance } from './glance.ts';
import { HistoryStore } from './history-store.ts';
import { Inspector } from './inspector.ts';
import { HOLDER_NAMES, type PageMap, readPageMap } from './page-map-reader.ts';
import { readPalette } from './palette.ts';
import { poll } from './poll.ts';
import { RequestTable } from './request-table.ts';
import { followTheme } from './theme.ts';

let palette = readPalette();
const glance = new Glance(palette);
const requests = new RequestTable();
const history = new HistoryStore();
const charts = new Charts(history, palette);
const connection = new Connection();
let arenas: readonly ArenaView[] = [];

const isStranded = (arena: number, chunk: number): boolean => arenas[arena]?.strips.find(({ id }) => id === chunk)?.stranded ?? false;
const inspector = new Inspector(palette, isStranded, (arena, chunk) =>
  arenas.forEach((view) => view.select(view.index === arena ? chunk : null)),
);

followTheme(() => {
  palette = readPalette();
  for (const part of [glance, charts, inspector, ...arenas]) part.setPalette(palette);
  glance.showHistory(history);
});

/** An ask that tells the connection how it went. */
const asking = (act: () => Promise<void>) => async (): Promise<void> => {
  try {
    await act();
    connection.answered();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0) connection.silent();
    else connection.refused(error.message);
  }
};

const MOST_PAIRED = 16; // chunks of an arena: with more, each arena takes the whole width
const MOST_AT_LENGTH = 8; // arenas: of more, each is shown small
let geometry = '';
const mapPoll = poll({ usualMilliseconds: 1000, leastMilliseconds: 200 }, asking(async () => showMap(readPageMap(await getBytes('/api/chunkmap'))))); // prettier-ignore

function showMap(map: PageMap): void {
  const shape = `${map.pageBytes} ${map.pagesPerChunk} ${map.arenas.length}`;
  if (shape !== geometry) {
    geometry = shape;
    arenas = map.arenas.map((_, index) => new ArenaView(index, map, palette, (arena, chunk, from) => inspector.show(arena, chunk, from)));
    byId('arenas', HTMLElement).replaceChildren(...arenas.map(({ root }) => root));
    events.setArenas(arenas.length);
  }
  const isCompact = arenas.length > MOST_AT_LENGTH;
  byId('arenas', HTMLElement).classList.toggle('compact', isCompact); // first: it decides how wide each is
  for (const view of arenas) view.update(map, isCompact);
  const most = Math.max(0, ...map.arenas.map((strips) => strips.length));
  byId('arenas', HTMLElement).classList.toggle('paired', arenas.length > 1 && most <= MOST_PAIRED);
}

const arenasPoll = poll({ usualMilliseconds: 1000, leastMilliseconds: 500 }, asking(async () => glance.showArenas(await getJson<Arenas>('/api/arenas')))); // prettier-ignore
poll(
  { usualMilliseconds: 2000, leastMilliseconds: 2000 },
  asking(async () => requests.show(await getText('/metrics'), performance.now())),
);
poll(
  { usualMilliseconds: 1000, leastMilliseconds: 1000 },
  asking(async () => {
    await history.refresh();
    charts.show();
    glance.showHistory(history);
  }),
);
const prospectsPoll = poll({ usualMilliseconds: 5000, leastMilliseconds: 1000 }, asking(async () => glance.showProspects(await askProspects()))); // prettier-ignore

/** However many events come, each question is asked again but once its pause is over. */
const hurry = (): void => {
  mapPoll.hurry();
  arenasPoll.hurry();
  prospectsPoll.hurry();
};
const controls = new ControlPanel(hurry);
poll(
  { usualMilliseconds: 1000, leastMilliseconds: 1000 },
  asking(async () => glance.showSimulation(await controls.refresh())),
);

const feed = new FeedClient({
  url: new URL('/', location.href),
  listener: {
    onEvent: (event) => {
      events.add(event);
      hurry();
    },
    onSnapshot: hurry,
    onStatus: (status, why) => connection.feed(status, why),
  },
});
const events = new EventLog((wanted) => feed.subscribe(wanted ? EVENT_TYPES : DEFAULT_TYPES));
feed.start();

byId('holders', HTMLElement).replaceChildren(
  ...['free', 'live', 'thread_cache', 'subpage'].map((name, holder) =>
    element('li', {}, element('span', { class: `swatch is-${name}` }), HOLDER_NAMES[holder]!),
  ),
  element('li', {}, element('span', { class: 'swatch is-stranded' }), 'stranded: emptier than its list allows'),
);
byId('curl', HTMLElement).textContent = `curl -X PUT --data-binary @FILE ${location.origin}/`;
