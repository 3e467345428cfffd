/** `npx identity-worker doctor <url>`: looks at a site and says what is wrong with it, and what to do. */
import { print, read, UsageError, type Command } from '../command.js';
import { checkInBrowser } from './browser.js';
import { checkCallback } from './check-callback.js';
import { checkHttps, checkOpener, checkPolicies } from './check-policies.js';
import { checkPortal } from './check-portal.js';
import { checkSeal, sealCookie } from './check-seal.js';
import { checkWorker } from './check-worker.js';
import { about, lineOf, type Finding } from './finding.js';
import { NoAnswer, visit, type Answer } from './http.js';
import { hasLibrary, scriptsOf } from './scripts.js';
import { findSetup, type Given } from './setup.js';
import type { Site } from './site.js';

const usage = `Usage: npx identity-worker doctor <url> [options]

  --worker <path>         the worker's script, where the page does not tell it
  --redirect-uri <path>   the callback page
  --portal <url>          the portal, such as https://gis.example.org/portal
  --client-id <id>        the app's client id at the portal
  --no-browser            do not open the site in a browser

The exit code is 1 where something is wrong.`;

export const doctor: Command = {
  usage,
  async run(args) {
    const { values, positionals } = read({
      args: [...args],
      allowPositionals: true,
      allowNegative: true,
      options: {
        worker: { type: 'string' },
        'redirect-uri': { type: 'string' },
        portal: { type: 'string' },
        'client-id': { type: 'string' },
        browser: { type: 'boolean', default: true },
      },
    });
    const [address = '', ...others] = positionals;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || others.length > 0)
      throw new UsageError('doctor takes the whole address of one page, such as https://maps.example.org/.');
    const given = {
      worker: values.worker,
      redirectUri: values['redirect-uri'],
      portal: values.portal,
      clientId: values['client-id'],
    };
    if (given.portal !== undefined && !URL.canParse(given.portal))
      throw new UsageError(`--portal takes a whole address, not "${given.portal}".`);
    const findings = await examine(url, given, values.browser);
    for (const finding of findings) print(lineOf(finding));
    const faults = findings.filter(({ level }) => level === 'fault').length;
    const warnings = findings.filter(({ level }) => level === 'warning').length;
    print(
      `\n${faults === 0 ? 'Nothing is wrong' : `${faults} ${faults === 1 ? 'fault' : 'faults'}`}; ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`,
    );
    return faults === 0 ? 0 : 1;
  },
};

async function examine(url: URL, given: Given, withBrowser: boolean): Promise<Finding[]> {
  const page = await load(url);
  if ('level' in page) return [page];
  const scripts = await scriptsOf(page);
  const isOurs = hasLibrary(scripts.values());
  if (!isOurs && given.worker === undefined)
    return [
      about('Site').fault(
        `${page.url.href} has no identity-worker: none of its ${scripts.size} scripts has the library.`,
        'Give the address of a page that starts the IdentityManager, or name the worker: --worker /path.js.',
      ),
    ];
  const cookie = sealCookie(page.headers)?.split(';', 1)[0] ?? '';
  const site: Site = { page, cookie, setup: await findSetup(page, scripts, given, cookie) };
  return [
    about('Site').ok(`${page.url.href} answers.`),
    ...checkHttps(site),
    ...(await checkWorker(site)),
    ...(await checkCallback(site)),
    ...(await checkPolicies(site)),
    ...checkOpener(site),
    ...(await checkSeal(site)),
    ...(await checkPortal(site)),
    ...(withBrowser ? await checkInBrowser(page.url) : []),
  ];
}

/** The page, or why there is none. */
async function load(url: URL): Promise<Answer | Finding> {
  const { fault } = about('Site');
  try {
    const page = await visit(url);
    if (page.location)
      return fault(
        `${page.url.href} redirects to another site, ${page.location.origin}.`,
        `If that is your app, give its address: ${page.location.origin}${page.location.pathname}. If it is a login, look at the site from where it needs none.`,
      );
    if (page.status !== 200)
      return fault(`${page.url.href} answers ${page.status}.`, 'Give the address of a page of the app.');
    if (page.mimeType !== 'text/html')
      return fault(
        `${page.url.href} is no page: its type is "${page.mimeType}".`,
        'Give the address of a page of the app.',
      );
    return page;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return fault(`${error.message}.`, 'Start the site, or correct the address.');
  }
}
