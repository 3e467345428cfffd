/** Language tags (BCP 47): which of them a page wishes for, and how a language is written. */

/** Languages that run from right to left (Unicode, scripts Arabic, Hebrew, Thaana). */
const rightToLeft = /^(ar|ckb|dv|fa|he|iw|ps|sd|ug|ur|yi)\b/i;

/**
 * The first of some language tags that there are texts for; regional variants count as their language.
 *
 * @param tags - In the order in which they are wished for.
 * @param languages - Those that there are texts for, by primary tag. English is always there.
 */
export function chooseLanguage(
  tags: readonly string[],
  languages: Readonly<Record<string, unknown>>,
): string {
  const primaries = tags.map((tag) => tag.trim().toLowerCase().split(/[-_]/, 1)[0] ?? '');
  return primaries.find((primary) => primary === 'en' || Object.hasOwn(languages, primary)) ?? 'en';
}

/** The direction in which a language is written. */
export const directionOf = (tag: string): 'ltr' | 'rtl' => (rightToLeft.test(tag) ? 'rtl' : 'ltr');
