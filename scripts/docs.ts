/** `npm run docs`: writes the generated parts of the pages, then the API reference; `pages` or `api` for one of them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { writeApi } from './docs/api.js';
import { writeBadges } from './docs/badges.js';
import { allProofs, generatorsFor } from './docs/generators.js';
import { pages, render } from './docs/page.js';

const [only] = process.argv.slice(2);

if (only !== 'api') {
  // The sizes of the last build; without one they stay.
  if (existsSync('dist/identity-worker.js')) writeBadges();
  const generators = generatorsFor(allProofs());
  for (const page of pages) {
    const text = await render(page, generators);
    if (text === readFileSync(page, 'utf8')) continue;
    writeFileSync(page, text);
    process.stdout.write(`${page}: written\n`);
  }
}

if (only !== 'pages' && !(await writeApi())) process.exitCode = 1;
