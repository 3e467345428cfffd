/** How a site is set up, as far as its files tell: where its worker, its callback page and its portal are. */
import { get, NoAnswer, type Answer } from './http.js';
import { elementsOf, hasLibrary } from './scripts.js';

/** What the user names on the command line, in place of what is found. */
export interface Given {
  readonly worker?: string | undefined;
  readonly redirectUri?: string | undefined;
  readonly portal?: string | undefined;
  readonly clientId?: string | undefined;
}

export interface Setup {
  readonly worker?: URL;
  /** Path that the worker's scope begins with. */
  readonly scope?: string;
  readonly redirectUri?: URL;
  readonly portal?: URL;
  readonly clientId?: string;
  /** The registration wants a sealed worker. */
  readonly isSealed: boolean;
}

/** The headers with which browsers fetch a worker's script. */
export const workerFetch = {
  'service-worker': 'script',
  'sec-fetch-dest': 'serviceworker',
  'sec-fetch-site': 'same-origin',
} as const;

/** String literals that may be the address of a worker. */
const workerLiteral = /["'`]([\w./-]*(?:worker|sw)[\w.-]*\.[cm]?[jt]s(?:\?[^"'`\s]*)?)["'`]/gi;
const namedWorker = /\bworker\s*:\s*["'`]([^"'`\s]+)["'`]/;

/** Where apps have their worker, if nothing else tells. */
const usualNames = ['worker.js', 'sw.js', 'service-worker.js', 'identity-worker.js'];

/**
 * @param page - The app's page.
 * @param scripts - Its scripts' texts, by address.
 * @param cookie - Of the page's response, which a sealed script is fetched with.
 */
export async function findSetup(
  page: Answer,
  scripts: ReadonlyMap<string, string>,
  given: Given,
  cookie: string,
): Promise<Setup> {
  const tag = scriptTag(page);
  const worker =
    given.worker === undefined
      ? (tag?.worker ?? (await findWorker(page, scripts)))
      : new URL(given.worker, page.url);
  const registration = worker ? registrationIn(await workerText(worker, cookie)) : '';
  const field = (name: string, property: string): string | undefined =>
    worker?.searchParams.get(name) ?? literalOf(registration, property);
  const base = worker ?? page.url;
  const redirectUri = given.redirectUri ?? field('redirect-uri', 'redirectUri');
  const portal = given.portal ?? field('portal', 'url');
  const clientId = given.clientId ?? field('client-id', 'clientId');
  return {
    ...(worker ? { worker } : {}),
    ...(tag?.scope === undefined ? {} : { scope: tag.scope }),
    ...(redirectUri !== undefined && URL.canParse(redirectUri, base)
      ? { redirectUri: new URL(redirectUri, base) }
      : {}),
    ...(portal !== undefined && URL.canParse(portal) ? { portal: new URL(portal.replace(/\/+$/, '')) } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    isSealed: field('persistence', 'persistence') === 'sealed',
  };
}

/** The worker that a script tag of the library registers, with the registration in its query. */
function scriptTag(page: Answer): { worker: URL; scope: string } | undefined {
  const tag = elementsOf(page.text, 'script').find(
    ({ attributes }) => attributes.has('data-portal') && attributes.has('src'),
  );
  if (!tag) return undefined;
  const { attributes } = tag;
  const worker = new URL(
    attributes.get('data-worker') ?? 'identity-worker.js',
    new URL(attributes.get('src') ?? '', page.url),
  );
  const scope = new URL(attributes.get('data-scope') ?? './', worker);
  for (const [name, value] of attributes)
    if (
      name.startsWith('data-') &&
      !['data-worker', 'data-scope', 'data-language', 'data-login'].includes(name)
    )
      worker.searchParams.set(name.slice('data-'.length), value);
  if (!worker.searchParams.has('redirect-uri')) worker.searchParams.set('redirect-uri', scope.href);
  return { worker, scope: scope.pathname };
}

async function findWorker(page: Answer, scripts: ReadonlyMap<string, string>): Promise<URL | undefined> {
  const texts = Array.from(scripts.values(), withoutComments);
  for (const text of texts) {
    const [, named] = namedWorker.exec(text) ?? [];
    if (named !== undefined && URL.canParse(named, page.url)) return new URL(named, page.url);
  }
  const literals = texts.flatMap((text) =>
    Array.from(text.matchAll(workerLiteral), ([, found = '']) => found),
  );
  for (const candidate of new Set(literals.length === 0 ? usualNames : literals)) {
    if (!URL.canParse(candidate, page.url)) continue;
    const url = new URL(candidate, page.url);
    // A chunk of the page is no worker.
    if (url.origin !== page.url.origin || scripts.has(url.href)) continue;
    if (hasLibrary([await workerText(url, '')]) || (await isRefused(url))) return url;
  }
  // One that the app names and that is not there: this is what is wrong.
  const [first] = literals;
  return first === undefined ? undefined : new URL(first, page.url);
}

async function isRefused(url: URL): Promise<boolean> {
  const answer = await get(url).catch(() => undefined);
  return answer?.headers.has('identity-worker-refusal') ?? false;
}

const importedScript = /\bimportScripts\(\s*["'`]([^"'`]+)["'`]/g;
const importedModule = /(?:\bfrom|\bimport)\s*\(?\s*["'`]([./][^"'`\s]*)["'`]/g;

/** Text of a worker with what it imports; empty where it cannot be loaded. */
export async function workerText(url: URL, cookie: string): Promise<string> {
  const load = async (address: URL): Promise<string> => {
    const headers = { ...workerFetch, ...(cookie === '' ? {} : { cookie }) };
    const answer = await get(address, headers).catch((error: unknown) => {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    });
    return answer?.status === 200 && !answer.mimeType.includes('html') ? answer.text : '';
  };
  const own = await load(url);
  const sources = [importedScript, importedModule].flatMap((pattern) =>
    Array.from(own.matchAll(pattern), ([, source = '']) => source),
  );
  const others = await Promise.all(
    sources.filter((source) => URL.canParse(source, url)).map((source) => load(new URL(source, url))),
  );
  return [own, ...others].join('\n');
}

/** Comments of a script that was not minified have examples. */
const withoutComments = (text: string): string => text.replace(/^\s*\/\*\*[\s\S]*?\*\//gm, '');

/** Value of a property in code, or in JSON within a string of code. */
function literalOf(text: string, property: string): string | undefined {
  return new RegExp(`\\b${property}["'\`]?\\s*:\\s*["'\`]([^"'\`\\s]+)["'\`]`).exec(text)?.[1];
}

/** The text around the first client id that has an address beside it: the registration of a portal. */
function registrationIn(source: string): string {
  const text = withoutComments(source).replace(/\\(["'`])/g, '$1');
  const around = Array.from(text.matchAll(/\bclientId["'`]?\s*:\s*["'`]/g), ({ index }) =>
    text.slice(Math.max(0, index - 300), index + 300),
  );
  return around.find((part) => /^https?:/.test(literalOf(part, 'url') ?? '')) ?? around[0] ?? '';
}
