/** Starts the viewer: first the service worker, then the map, whose layers have URLs without tokens. */
import { IdentityManager } from 'identity-worker';
import type { Map as MapLibreMap } from 'maplibre-gl';
import { showAccount, textOf } from './account.js';
import { showActivity } from './activity-log.js';
import { byId } from './dom.js';
import { Layer } from './layer.js';
import { showLayerList } from './layer-list.js';
import { layersOf, notesUrl } from './layers.js';
import { handlePointer, centre, createMap, paintSea } from './map.js';
import { showNotes } from './notes.js';
import { showOffline } from './offline-panel.js';
import { Pictures } from './pictures.js';
import { showReasons } from './request-reasons.js';
import { nameOf, viewOf } from './saved-view.js';
import { currentTheme, followTheme } from './theme.js';
import './style.css';

const serverUrl = document.documentElement.dataset['serverUrl'] ?? '';
const notice = byId('notice', HTMLParagraphElement);
const connection = byId('connection', HTMLSpanElement);
const identity = IdentityManager.instance({ worker: '/worker.js' });

/** Lets users fold the panel on phones. */
function foldSheet(map: MapLibreMap): void {
  const toggle = byId('sheet-toggle', HTMLButtonElement);
  toggle.addEventListener('click', () => {
    const isOpen = !byId('sheet', HTMLDivElement).classList.toggle('is-folded');
    toggle.setAttribute('aria-expanded', String(isOpen));
    toggle.textContent = isOpen ? 'Hide panel' : 'Show panel';
    centre(map);
  });
}

async function start(): Promise<void> {
  showActivity(identity);
  showReasons(identity);
  // Before the map: a dedicated worker is controlled only if the page is controlled when it starts.
  const problem = await identity.ready.then(
    () => undefined,
    (error: unknown) => error,
  );
  const map = await createMap(byId('map', HTMLDivElement), currentTheme());
  const definitions = layersOf(serverUrl, currentTheme());
  const order = definitions.flatMap(({ layers }) => layers.map(({ id }) => id));
  const layers = definitions.map((definition) => new Layer(definition, map, order));
  showLayerList(byId('layers', HTMLUListElement), layers);
  handlePointer(map, definitions);
  foldSheet(map);
  followTheme((theme) => {
    paintSea(map, theme);
    for (const definition of layersOf(serverUrl, theme)) {
      layers.find((layer) => layer.definition.id === definition.id)?.redraw(definition);
    }
  });

  if (problem !== undefined) {
    byId('username', HTMLElement).textContent = 'Sign-in is not available';
    notice.textContent = textOf(problem);
    for (const layer of layers) layer.switch(layer.definition.needs === 'nobody');
    return;
  }

  const user = (): string | undefined => identity.credentials[0] && (identity.credentials[0].username ?? '');
  const pictures = new Pictures(
    byId('pictures', HTMLUListElement),
    identity.portals[0]?.url ?? '',
    serverUrl,
  );
  const showState = (): void => {
    const isWaiting = layers.some(({ state }) => state === 'waiting');
    const isOffline = !navigator.onLine;
    connection.dataset['state'] = isOffline ? 'offline' : 'online';
    connection.textContent = isOffline ? 'No network' : 'Online';
    notice.textContent = isOffline
      ? 'No network: the map shows what is saved.'
      : user() !== undefined
        ? ''
        : isWaiting
          ? 'Some layers wait for you to sign in.'
          : 'Signed out: the secured layers are cleared.';
  };
  const follow = (): void => {
    for (const layer of layers) layer.follow(user());
    pictures.follow(user());
    showState();
  };

  showAccount(identity);
  showOffline(identity, {
    content: () => viewOf(map, layers, pictures.urls),
    name: () => nameOf(map),
  });
  showNotes(identity, {
    url: notesUrl(serverUrl),
    centre: () => [map.getCenter().wrap().lng, map.getCenter().lat],
    redraw: () => layers.find(({ definition }) => definition.id === 'notes')?.redraw(),
  });
  for (const layer of layers) layer.addEventListener('change', showState);
  follow();
  for (const layer of layers) layer.switch(true);
  pictures.load(user());
  identity.addEventListener('credentials-changed', follow);
  addEventListener('offline', showState);
  addEventListener('online', () => {
    for (const layer of layers) layer.retry();
    pictures.load(user());
    showState();
  });
}

void start();
