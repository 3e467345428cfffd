/** Writes the reference of the public entry points into `docs/api/` with TypeDoc; a warning of its is an error. */
import { Application } from 'typedoc';
import { load } from 'typedoc-plugin-markdown';
import { entryPoints } from './entry-points.js';

/** Types that the public ones are made of, and that say nothing more to a reader. */
const unlisted = [
  'ClientInfo',
  'CodeRequired',
  'LoginMode',
  'Next',
  'catalogue',
  'reasons',
  'configurationCodes',
  'connectionCodes',
  'challengeCodes',
  'portalCodes',
  'ServerDiscovery',
  'PartName',
  'RedirectReturnHooks',
  'ServerTokenExchange',
  'Portal',
  'ReplayableRequest',
  'Encrypter',
  'PartServices',
  'PortalIndex',
  'RequestReport',
  'RequestTracing',
  'RequestServices',
  'RequestContext',
  'Partitions',
  'AreaRecord',
  'Respond',
];

/** @returns Whether the reference was written without a warning. */
export async function writeApi(): Promise<boolean> {
  const app = await Application.bootstrapWithPlugins({
    entryPoints: [...entryPoints()],
    tsconfig: 'tsconfig.api.json',
    plugin: [load],
    out: 'docs/api',
    readme: 'none',
    name: 'API',
    githubPages: false,
    disableSources: true,
    // What classes inherit from the browser's own is documented elsewhere: an HTMLElement has 300 members.
    excludeExternals: true,
    intentionallyNotExported: unlisted,
    treatWarningsAsErrors: true,
    logLevel: 'Warn',
  });
  const project = await app.convert();
  if (!project) return false;
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) return false;
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}
