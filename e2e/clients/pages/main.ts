/** Runs the page that the address names, such as `/?client=leaflet`. Each is a chunk of its own, loaded alone. */
import { identity } from './app.js';

const pages = import.meta.glob('./*.ts');

await identity.ready;
await pages[`./${new URLSearchParams(location.search).get('client') ?? ''}.ts`]?.();
