/** The badges of README.md: pictures with the sizes that the last build had, which no other host is asked for. */
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { repository } from '../../docs/.vitepress/repository-links.js';

interface Badge {
  readonly label: string;
  /** What is measured. */
  readonly script: string;
  readonly picture: string;
}

const badges: readonly Badge[] = [
  {
    label: 'ready worker',
    script: 'dist/identity-worker.js',
    picture: 'docs/images/size-worker.svg',
  },
  {
    label: 'client of a page',
    script: 'dist/identity-client.js',
    picture: 'docs/images/size-client.svg',
  },
];

/** Package pages show README.md without the repository's files: by addresses. */
const pictures = `${repository.replace('github.com', 'raw.githubusercontent.com')}/main/`;

/** The badges as Markdown; what a picture shows is its text as well. */
export const badgeLine = (): string =>
  badges
    .map(({ label, picture }) => `![${titleOf(label, statedKb(picture))}](${pictures}${picture})`)
    .join(' ');

/** @returns Pictures that show another size than the build has, by more than what compressors differ in. */
export const wrongBadges = (): readonly Badge[] =>
  badges.filter(({ script, picture }) => Math.abs(kbOf(script) - (statedKb(picture) ?? 0)) > 0.6);

/** Draws the badges whose sizes are no longer those of the build. */
export function writeBadges(): void {
  for (const { label, script, picture } of wrongBadges())
    writeFileSync(picture, drawn(label, Math.round(kbOf(script))));
}

const kbOf = (script: string): number => brotliCompressSync(readFileSync(script)).length / 1000;

function statedKb(picture: string): number | undefined {
  try {
    return Number(/<title id="title">.*?(\d+) kB/.exec(readFileSync(picture, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

const titleOf = (label: string, kb: number | undefined): string => `${label}: ${kb} kB after brotli`;

/** Widths are given, and the text is fitted into them: which font a reader has is not known. */
function drawn(label: string, kb: number): string {
  const left = label.length * 6 + 14;
  const width = left + 46;
  const text = (x: number, length: number, value: string, name: string) =>
    `  <text class="${name}" x="${x}" y="14" textLength="${length}" lengthAdjust="spacingAndGlyphs">${value}</text>\n`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-labelledby="title description">
  <title id="title">${titleOf(label, kb)}</title>
  <desc id="description">Measured in a build of the repository.</desc>
  <style>
    text { font: 11px system-ui, sans-serif; fill: #ffffff; }
    .name { fill: #1b1f24; }
    .back { fill: #d8dee4; }
    .size { fill: #0b5cad; }
    @media (prefers-color-scheme: dark) {
      .name { fill: #e6edf3; }
      .back { fill: #3d444d; }
    }
  </style>
  <rect class="back" width="${left}" height="20" />
  <rect class="size" x="${left}" width="46" height="20" />
${text(7, left - 14, label, 'name')}${text(left + 7, 32, `${kb} kB`, 'number')}</svg>
`;
}
