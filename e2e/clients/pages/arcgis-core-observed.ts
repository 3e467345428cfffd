/** What the tests look at of the ArcGIS Maps SDK: its dialog for a password, and parts of it that a page may use. */
import esriConfig from '@arcgis/core/config.js';
import esriId from '@arcgis/core/identity/IdentityManager.js';
import Portal from '@arcgis/core/portal/Portal.js';
import PortalItem from '@arcgis/core/portal/PortalItem.js';
import esriRequest from '@arcgis/core/request.js';
import { reportError } from './app.js';

esriConfig.portalUrl = 'https://gis.example.org/portal';
esriId.on('dialog-create', () => reportError('the SDK asks for a password'));

Object.assign(window, { sdk: { esriId, esriRequest, Portal, PortalItem } });
