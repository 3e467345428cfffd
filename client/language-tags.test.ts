import { describe, expect, test } from 'vitest';
import { chooseLanguage, directionOf } from './language-tags.js';

describe('chooseLanguage', () => {
  test.each([
    [['de'], 'de'],
    [['de-AT', 'fr'], 'de'],
    [['es-419'], 'es'],
    [['zh-Hant', 'ja-JP', 'en'], 'ja'],
    [['fr_CA'], 'fr'],
    [['AR-eg'], 'ar'],
    [['', 'en-GB', 'de'], 'en'],
    [['it', 'pt-BR'], 'en'],
    [['constructor', 'toString'], 'en'],
    [['dea', 'de'], 'de'],
    [[' de '], 'de'],
    [[], 'en'],
  ])('of %j is %s', (wishes, expected) => {
    expect(chooseLanguage(wishes, { ar: 0, de: 0, es: 0, fr: 0, ja: 0 })).toBe(expected);
  });
});

test.each([
  ['ar', 'rtl'],
  ['ar-EG', 'rtl'],
  ['he', 'rtl'],
  ['fa-IR', 'rtl'],
  ['en', 'ltr'],
  ['arn', 'ltr'],
  ['ja', 'ltr'],
  ['', 'ltr'],
])('%s runs %s', (tag, dir) => {
  expect(directionOf(tag)).toBe(dir);
});
