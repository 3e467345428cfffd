import { expect, test, vi } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/resolve.js';
import { ConfirmedTokens } from './confirmed-tokens.js';

const [portal] = resolvePortals(
  [arcgisEnterprise({ url: 'https://gis.example.org/portal', clientId: 'a', redirectUri: '/back' })],
  'https://app.example/',
);
if (!portal) throw new Error('no portal');
const claim = { portal, serverRoot: undefined };
const server = { portal, serverRoot: 'https://gis.example.org/server' };

test('many who ask at once cause one attempt', async () => {
  const tokens = new ConfirmedTokens();
  const attempt = vi.fn(() => Promise.resolve(true));
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () => tokens.isTaken(claim, 'a', attempt)),
  );
  expect(answers).toEqual(Array(50).fill(true));
  expect(attempt).toHaveBeenCalledTimes(1);
});

test('a token that was taken is believed for a minute, and no other', async () => {
  let now = 1000;
  const tokens = new ConfirmedTokens(() => now);
  const attempt = vi.fn(() => Promise.resolve(true));
  tokens.confirm(claim, 'a');
  expect(tokens.isTaken(claim, 'a', attempt)).toBe(true);
  await tokens.isTaken(claim, 'b', attempt);
  await tokens.isTaken(server, 'b', attempt);
  expect(attempt).toHaveBeenCalledTimes(2);
  now += 60_000;
  await tokens.isTaken(claim, 'b', attempt);
  expect(attempt).toHaveBeenCalledTimes(3);
});

test('a refusal is told to all and not remembered', async () => {
  const tokens = new ConfirmedTokens();
  const attempt = vi.fn(() => Promise.resolve(false));
  const asked = [1, 2].map(async () => tokens.isTaken(claim, 'a', attempt));
  expect(await Promise.all(asked)).toEqual([false, false]);
  expect(await tokens.isTaken(claim, 'a', attempt)).toBe(false);
  expect(attempt).toHaveBeenCalledTimes(2);
});
