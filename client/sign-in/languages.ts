/** Chooses the language of the dialog, and loads its texts when they are needed: only English is always there. */
import { chooseLanguage, directionOf } from '../language-tags.js';
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

/** Language and texts of the dialog. */
export interface WordingOptions {
  /** BCP 47 tag of the dialog's language, such as `de`. Default: the page's `<html lang>`, then the browser's languages. */
  language?: string | undefined;
  /** Texts of the sign-in dialog, all or some. In a language of your own, name it in `language`. */
  texts?: Partial<SignInTexts> | undefined;
}

/** Texts, with the language and direction for their markup. */
export interface Wording {
  readonly texts: SignInTexts;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
}

/** The texts of the dialog, by the options and the language of the page. */
export async function wordingFor({ language, texts }: WordingOptions): Promise<Wording> {
  const tags = language === undefined ? [document.documentElement.lang, ...navigator.languages] : [language];
  const chosen = chooseLanguage(tags, languages);
  const loaded = await load(chosen);
  // Texts of the app's own are in the language that it names.
  const lang = texts && language !== undefined ? language : loaded ? chosen : 'en';
  return { texts: { ...english, ...loaded, ...texts }, lang, dir: directionOf(lang) };
}

/** The texts of a language; `undefined` where its file is missing or late, so that the dialog is shown in English. */
async function load(language: string): Promise<SignInTexts | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, LOAD_MS));
  const loading = languages[language]?.().then(
    (module) => module.default,
    () => undefined,
  );
  return loading && Promise.race([loading, late]);
}
