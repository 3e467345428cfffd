import { expect, test } from 'vitest';
import { pastedCode } from './pasted-code.js';

test.each([
  ['the code', 'AbC-1_2.3~4'],
  ['blanks and line ends around it', ' \t AbC-1_2.3~4 \r\n'],
  ['blanks and marks that nobody sees', '\u00A0\u200BAbC-1_2.3~4\uFEFF\u200E'],
  ['quotes around it', '“AbC-1_2.3~4”'],
  ['the title of the page', 'SUCCESS code=AbC-1_2.3~4'],
  ['the title with what the browser adds', 'SUCCESS code=AbC-1_2.3~4 - Chromium'],
  ['the title with more fields', 'SUCCESS code=AbC-1_2.3~4&state=xyz'],
  ['what the page says', 'Authorization code: AbC-1_2.3~4'],
  ['an address', 'https://gis.example.org/done?code=AbC-1_2.3~4&state=%7B%22id%22%7D'],
  ['an address with the code at the end', 'https://gis.example.org/done?state=x&code=AbC-1_2.3~4#top'],
  ['an address with the code in its fragment', 'https://gis.example.org/done#code=AbC-1_2.3~4'],
  ['an address that is percent-encoded', 'https://gis.example.org/done?code=AbC%2D1_2.3%7E4'],
  ['the query alone', 'code=AbC-1_2.3~4&state=x'],
])('finds the code in %s', (_, pasted) => {
  expect(pastedCode(pasted)).toBe('AbC-1_2.3~4');
});

test.each([
  ['a code with characters of base64', 'a/b+c=='],
  ['a code with a percent sign', 'a%2Fb'],
  ['a code that holds the word', 'mycode=1'],
])('leaves %s as it is', (_, code) => {
  expect(pastedCode(code)).toBe(code);
});

test('takes an address that is wrongly encoded as it stands', () => {
  expect(pastedCode('https://gis.example.org/?code=a%zz')).toBe('a%zz');
});

test.each([
  ['nothing', ''],
  ['blanks', ' \n\u00A0 '],
  ['quotes', '""'],
  ['words', 'the code from the page'],
  ['two lines', 'AbC-1\n2.3~4'],
  ['another script', 'код'],
  ['the address of the sign-in page', 'https://gis.example.org/sharing/rest/oauth2/authorize?client_id=a'],
  ['the address of the page that shows it', 'https://gis.example.org/sharing/rest/oauth2/approval'],
  ['a refusal', 'Denied error=access_denied'],
  ['an address with a refusal', 'https://gis.example.org/?error=access_denied&state=x'],
  ['a name without a code', 'SUCCESS code='],
])('finds none in %s', (_, pasted) => {
  expect(pastedCode(pasted)).toBeUndefined();
});
