/** Runs a row on one side and records what there is to see. */
import type { Portal, TestApp } from '../support/fixtures.js';
import { sortedLog, timing, withoutToken, type Observation } from './observation.js';
import type { Row } from './row.js';
import type { Side, Stage } from './stage.js';

/** @param index - Makes the addresses of the row its own: nothing comes from the cache of another row. */
export async function observe(stage: Stage, row: Row, index: number, side: Side): Promise<Observation> {
  const { portal } = stage;
  const app = await stage.page(row.placement ?? 'auto', side);
  portal.log.clear();
  portal.control.setErrorStyle('status401');
  const undo = row.configure?.(portal);
  try {
    const scenario = { ...addresses(stage, row, index, side, app.url), token: formToken(stage, row, side) };
    const act = (): Promise<unknown> => app.run(row.action, scenario);
    const page = await (row.around ? row.around(app, act, portal) : act());
    // Without a sign-in the row ends otherwise: waited for is any answer.
    if (side === 'anonymous') await portal.log.waitFor({ where: ({ status }) => status !== 0 });
    else if (row.waitsFor) await portal.log.waitFor(row.waitsFor, row.waitsFor.n);
    const performance = side === 'anonymous' ? [] : await entriesOf(app, portal, row.entries ?? 1);
    const seen = { page: page ?? null, performance, portal: sortedLog(portal) };
    if (row.manual === 'public') return likePublic(seen);
    return side === 'manual' ? withoutToken(seen, stage.token) : seen;
  } finally {
    undo?.();
    await app.page.close();
  }
}

/** The page's performance entries of requests to the portal and to foreign servers. */
async function entriesOf(app: TestApp, portal: Portal, count: number): Promise<Record<string, unknown>[]> {
  if (count === 0) return [];
  const entries = await app.run(
    async ([origins, n]) =>
      (await window.inspect.performanceEntries(origins, n)).map(
        (entry) => entry.toJSON() as Record<string, unknown>,
      ),
    [[portal.origin, portal.foreign.origin], count] as [string[], number],
  );
  return entries.map(timing).sort((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1));
}

function addresses(
  { portal, token }: Stage,
  row: Row,
  index: number,
  side: Side,
  app: string,
): Record<string, string> {
  const service = side === 'manual' && row.manual === 'public' ? 'PublicFiles' : 'Files';
  const inQuery = side === 'manual' && (row.manual ?? 'query') === 'query' ? { token } : {};
  const scenario = row.scenario({ hosted: portal.hostedUrl, foreign: portal.foreign.origin, app });
  return Object.fromEntries(
    Object.entries(scenario).map(([name, text]) => {
      if (!text.startsWith(portal.origin)) return [name, text];
      const query = new URLSearchParams({ row: String(index), ...inQuery }).toString();
      return [name, `${text.replace('/Files/', `/${service}/`)}${text.includes('?') ? '&' : '?'}${query}`];
    }),
  );
}

const formToken = ({ token }: Stage, { manual }: Row, side: Side): string =>
  side === 'manual' && (manual === 'form' || manual === 'header') ? token : '';

/** The public files are the secured ones under another name, and need no user. */
const likePublic = (seen: Observation): Observation => {
  const renamed = JSON.parse(JSON.stringify(seen).replaceAll('/PublicFiles/', '/Files/')) as Observation;
  return { ...renamed, portal: renamed.portal.map((request) => ({ ...request, user: undefined })) };
};
