/** The last values. */
import { expect, test } from 'vitest';
import { Recent } from './recent.js';

test('what was used least lately goes first, and nothing that is too large stays', () => {
  const recent = new Recent<{ size: number }>(10);
  for (const key of ['a', 'b', 'c']) recent.set(key, { size: 3 });
  recent.get('a');
  recent.set('d', { size: 3 });
  const left = (): string => ['a', 'b', 'c', 'd', 'e'].filter((key) => recent.get(key)).join('');
  expect(left()).toBe('acd');
  recent.set('a', { size: 1 });
  recent.set('e', { size: 3 });
  expect(left()).toBe('acde');
  recent.filter(({ size }) => size === 3);
  expect(left()).toBe('cde');
  recent.set('e', { size: 11 });
  expect(left()).toBe('');
});
