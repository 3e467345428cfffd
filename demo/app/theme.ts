/** Light or dark, as the user's system is set. */
export type Theme = 'light' | 'dark';

const prefersDark = matchMedia('(prefers-color-scheme: dark)');

export const currentTheme = (): Theme => (prefersDark.matches ? 'dark' : 'light');

/** Calls `apply` with every later change. */
export function followTheme(apply: (theme: Theme) => void): void {
  prefersDark.addEventListener('change', () => apply(currentTheme()));
}
