import { describe, expect, test } from 'vitest';
import { errorCodes, identityError } from '../../protocol/errors.js';
import ar from './languages/ar.js';
import de from './languages/de.js';
import es from './languages/es.js';
import fr from './languages/fr.js';
import ja from './languages/ja.js';
import { english, failureText, type SignInTexts } from './texts.js';

describe.each([
  ['German', de],
  ['Spanish', es],
  ['French', fr],
  ['Japanese', ja],
  ['Arabic', ar],
] as [string, SignInTexts][])('%s', (_, texts) => {
  test('says everything that English says, and nothing twice', () => {
    expect(Object.keys(texts)).toEqual(Object.keys(english));
    const said = Object.values(texts) as string[];
    expect(new Set(said).size).toBe(said.length);
    expect(said.every((text) => text.trim() === text && text !== '')).toBe(true);
  });

  test('has no other placeholder than the portal’s name, and names it in the title and what asks', () => {
    for (const text of Object.values(texts) as string[])
      expect(text.replaceAll('{portal}', '')).not.toMatch(/[{}<>&]/);
    for (const name of ['title', 'ask', 'expired', 'waiting', 'outOfBand', 'unreachable'] as const)
      expect(texts[name].split('{portal}')).toHaveLength(2);
  });
});

test('every failure has a sentence for people, free of codes', () => {
  for (const code of errorCodes) {
    expect(english[failureText(code)]).not.toContain(code);
    if (['ConfigurationError', 'ConnectionError'].includes(identityError(code).name))
      expect(failureText(code)).toBe('unavailable');
    else expect(failureText(code)).not.toBe('unavailable');
  }
});
