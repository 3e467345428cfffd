import * as L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import { featureLayer, tiledMapLayer } from 'esri-leaflet';
import { identity, onNextView, reportError } from './app.js';

await identity.ready;

const services = 'https://gis.example.org/server/rest/services';
const map = L.map('map', { fadeAnimation: false, zoomAnimation: false }).setView([30, 10], 1);

const terrain = tiledMapLayer({ url: `${services}/Terrain/MapServer` }).addTo(map);
const sites = featureLayer({ url: `${services}/Sites/FeatureServer/0` }).addTo(map);

terrain.on('tileerror', () => reportError('tileerror'));
sites.on('requesterror', ({ message }: { type: string; message?: string }) => reportError(message));

onNextView(({ latitude, longitude, zoom }) => map.setView([latitude, longitude], zoom, { animate: false }));
