/** Light or dark, as the person's system has it. */
export type Theme = 'light' | 'dark';

const prefersDark = matchMedia('(prefers-color-scheme: dark)');

export const currentTheme = (): Theme => (prefersDark.matches ? 'dark' : 'light');

/** Calls with every later change. */
export function followTheme(apply: (theme: Theme) => void): void {
  prefersDark.addEventListener('change', () => apply(currentTheme()));
}
