/** Plans the changes of a page without a bundler: the script tag, and the files that it needs beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { escaped, tagsOf, withScript } from './html.js';
import type { Plan } from './plan.js';
import { ProjectError } from './project-error.js';
import type { Registration } from './registration.js';

const CLIENT = 'identity-client.js';
const WORKER = 'identity-worker.js';
const CHUNKS = 'identity-client';

/** @param path - The page, from the project's folder. @throws ProjectError */
export function planStaticPage(plan: Plan, path: string): void {
  const html = plan.read(path) ?? '';
  const tags = tagsOf(html);
  const source = tags
    .map(({ name, attributes }) =>
      name === 'script' ? attributes.get('src')?.replace(/[?#].*$/, '') : undefined,
    )
    .find((each) => each !== undefined && posix.basename(each) === CLIENT);
  if (source === undefined) plan.write(path, withScript(html, scriptTag(plan.registration())));
  const folder = posix.dirname(path);
  // Beside the client's script, wherever the page has it.
  if (source !== undefined && posix.normalize(source).replace(/^\//, '') !== CLIENT) {
    plan.next.push(`${path} has the script tag; its files lie where it names them.`);
    return;
  }
  for (const name of readyFiles(plan.own.dist))
    plan.write(posix.join(folder, name), readFileSync(join(plan.own.dist, name), 'utf8'));
  const pages = readdirSync(join(plan.folder, folder)).filter((name) => /\.html?$/i.test(name));
  plan.next.push(
    'At the portal, register the redirect URI: the address of the folder of this page, such as https://maps.example.org/.',
    ...(pages.length > 1 ? ['Give the other pages the same script tag.'] : []),
    ...(plan.changes.some(({ after }) => after?.includes('data-persistence="sealed"'))
      ? ['Have your server seal identity-worker.js: docs/server.md.']
      : []),
  );
}

const scriptTag = ({ portal, clientId, persistence }: Registration): string => {
  const attributes = {
    src: CLIENT,
    'data-portal': portal,
    'data-client-id': clientId,
    ...(persistence === undefined ? {} : { 'data-persistence': persistence }),
  };
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  return `<script${written.join('')}></script>`;
};

/** The worker comes first: with another one, the client would start it. */
function readyFiles(dist: string): string[] {
  try {
    const chunks = readdirSync(join(dist, CHUNKS), { recursive: true, encoding: 'utf8' });
    const scripts = chunks.filter((name) => name.endsWith('.js')).map((name) => name.replaceAll('\\', '/'));
    return [WORKER, CLIENT, ...scripts.sort().map((name) => `${CHUNKS}/${name}`)];
  } catch {
    throw new ProjectError(`The ready files are missing in ${dist}. Install identity-worker again.`);
  }
}
