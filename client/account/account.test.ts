import { expect, test } from 'vitest';
import { accountTexts } from './texts.js';

test('it may be imported where there is no browser', async () => {
  expect(globalThis.customElements).toBeUndefined();
  const { IdentityAccountElement } = await import('../account.js');
  expect(IdentityAccountElement.observedAttributes).toEqual(['portal', 'lang']);
});

test.each(Object.entries(accountTexts))('%s says everything that English says, in plain text', (_, texts) => {
  expect(Object.keys(texts)).toEqual(Object.keys(accountTexts.en));
  for (const text of Object.values(texts)) expect(text).toMatch(/^[^\s{}<>&][^{}<>&]*[^\s{}<>&]$/);
});
