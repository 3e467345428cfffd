/** Chooses the language of the dialog, and loads its texts when they are needed: English alone is always there. */
import { english, type SignInTexts } from './texts.js';

/** Every language but English, in a file of its own. */
const languages: Readonly<Record<string, () => Promise<{ default: SignInTexts }>>> = {
  ar: () => import('./languages/ar.js'),
  de: () => import('./languages/de.js'),
  es: () => import('./languages/es.js'),
  fr: () => import('./languages/fr.js'),
  ja: () => import('./languages/ja.js'),
};

/** Longest wait for the texts of a language, in ms: then the dialog is shown in English. */
const LOAD_MS = 4_000;

/** Languages that run from right to left (Unicode, scripts Arabic, Hebrew, Thaana). */
const rightToLeft = /^(ar|ckb|dv|fa|he|iw|ps|sd|ug|ur|yi)\b/i;

/** What a page wishes of the dialog's words. */
export interface WordingOptions {
  /** BCP 47 tag of the dialog's language, such as `de`. Default: the page's `<html lang>`, then the browser's languages. */
  language?: string | undefined;
  /** Texts of the sign-in dialog, all or some. In a language of your own, name it in `language`. */
  texts?: Partial<SignInTexts> | undefined;
}

/** Texts, and how they are to be marked up. */
export interface Wording {
  readonly texts: SignInTexts;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
}

/** The first wish that there are texts for; regional variants count as their language. */
export function chooseLanguage(wishes: readonly string[]): string {
  const primaries = wishes.map((tag) => tag.trim().toLowerCase().split(/[-_]/, 1)[0] ?? '');
  return primaries.find((primary) => primary === 'en' || Object.hasOwn(languages, primary)) ?? 'en';
}

/** The direction that a language runs in. */
export const directionOf = (tag: string): Wording['dir'] => (rightToLeft.test(tag) ? 'rtl' : 'ltr');

/** The words of the dialog as this page wants them now. */
export async function wordingFor({ language, texts }: WordingOptions): Promise<Wording> {
  const wishes =
    language === undefined ? [document.documentElement.lang, ...navigator.languages] : [language];
  const chosen = chooseLanguage(wishes);
  const loaded = await load(chosen);
  // Texts of the app's own are in the language that it names.
  const lang = texts && language !== undefined ? language : loaded ? chosen : 'en';
  return { texts: { ...english, ...loaded, ...texts }, lang, dir: directionOf(lang) };
}

/** A file that does not come is no reason to ask nobody. */
async function load(language: string): Promise<SignInTexts | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, LOAD_MS));
  const loading = languages[language]?.().then(
    (module) => module.default,
    () => undefined,
  );
  return loading && Promise.race([loading, late]);
}
