/** Source text that is edited in place: everything around an edit stays as it is, line ends and byte order mark included. */
import type { parseSync } from 'vite';

export type Parse = typeof parseSync;
export type Program = ReturnType<Parse>['program'];
export type Statement = Program['body'][number];
export type Expression = Extract<Statement, { type: 'ExpressionStatement' }>['expression'];
export type Node = Statement | Expression;
export type ObjectLiteral = Extract<Expression, { type: 'ObjectExpression' }>;
export type ArrayLiteral = Extract<Expression, { type: 'ArrayExpression' }>;
export type Call = Extract<Expression, { type: 'CallExpression' }>;
export type ImportDeclaration = Extract<Statement, { type: 'ImportDeclaration' }>;

export interface Range {
  readonly start: number;
  readonly end: number;
}

interface Edit extends Range {
  readonly text: string;
}

const BYTE_ORDER_MARK = '\uFEFF';

/** A text and its edits. */
export class Editor {
  /** Without byte order mark: offsets of parsers are in this. */
  readonly text: string;
  readonly #mark: string;
  readonly #edits: Edit[] = [];

  constructor(text: string) {
    this.#mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
    this.text = text.slice(this.#mark.length);
  }

  /** One step of indentation. */
  get indent(): string {
    return /^(\t| {2,8})\S/m.exec(this.text.replace(/^ +\*.*$/gm, ''))?.[1] ?? '  ';
  }

  /** What stands before the first character of the line of an offset. */
  indentAt(offset: number): string {
    return /^[ \t]*/.exec(this.text.slice(this.lineStart(offset)))?.[0] ?? '';
  }

  lineStart(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Offset behind the end of the line of an offset. */
  nextLine(offset: number): number {
    const end = this.text.indexOf('\n', offset);
    return end === -1 ? this.text.length : end + 1;
  }

  slice({ start, end }: Range): string {
    return this.text.slice(start, end);
  }

  /** @param text - With `\n` between lines. */
  replace({ start, end }: Range, text: string): void {
    this.#edits.push({ start, end, text });
  }

  insert(offset: number, text: string): void {
    this.replace({ start: offset, end: offset }, text);
  }

  /** The text with all edits. Those at one offset stand in the order in which they were made. */
  get edited(): string {
    const lineEnd = this.text.split('\r\n').length * 2 > this.text.split('\n').length ? '\r\n' : '\n';
    let result = this.#mark;
    let position = 0;
    for (const { start, end, text } of this.#edits.toSorted((a, b) => a.start - b.start)) {
      result += this.text.slice(position, start) + text.replaceAll('\n', lineEnd);
      position = end;
    }
    return result + this.text.slice(position);
  }
}

/** Lines of code, each moved to the right but for the first. */
export const indented = (code: string, indent: string): string => code.replaceAll('\n', `\n${indent}`);

/** Properties of an object, elements of an array. */
export interface List extends Range {
  readonly items: readonly Range[];
}

/** Longer lines are broken. */
const lineWidth = 100;

/**
 * Inserts an item into an object or array, on a line of its own where the others are, or where there is not enough room.
 *
 * @param index - The item that it comes before; behind the last one by default.
 * @param comma - Behind the last item on a line of its own; JSON has none.
 */
export function insertItem(
  editor: Editor,
  list: List,
  item: string,
  { index = list.items.length, isBroken = false, comma = ',' } = {},
): void {
  const { text, indent } = editor;
  const last = list.items.at(-1);
  const next = list.items[index];
  const outer = editor.indentAt(list.start);
  const startsLine = ({ start }: Range): boolean => text.slice(editor.lineStart(start), start).trim() === '';
  const line = text.slice(editor.lineStart(list.start), list.end);
  const isOneLine = !line.includes('\n');
  const needsLine = isBroken || item.includes('\n') || (isOneLine && line.length + item.length > lineWidth);
  if (!last) {
    const isEmpty = text.slice(list.start + 1, list.end - 1).trim() === '';
    if (!needsLine) return editor.insert(list.start + 1, item);
    const whole = `\n${outer}${indent}${indented(item, outer + indent)}${comma}`;
    return isEmpty
      ? editor.replace({ start: list.start + 1, end: list.end - 1 }, `${whole}\n${outer}`)
      : editor.insert(list.start + 1, whole);
  }
  if (next)
    return editor.insert(
      next.start,
      startsLine(next)
        ? `${indented(item, editor.indentAt(next.start))},\n${editor.indentAt(next.start)}`
        : `${item}, `,
    );
  if (startsLine(last)) {
    const own = editor.indentAt(last.start);
    const lineEnd = editor.nextLine(last.end);
    const [rest, found] = /^[ \t]*(,?)[ \t]*(?:\/\/.*)?\r?\n$/.exec(text.slice(last.end, lineEnd)) ?? [];
    // The item follows the comment behind the last one; otherwise it stands before whatever follows.
    if (rest !== undefined && lineEnd < list.end) {
      if (found === '') editor.insert(last.end, ',');
      return editor.insert(lineEnd, `${own}${indented(item, own)}${found}\n`);
    }
    return editor.insert(last.end, `,\n${own}${indented(item, own)}`);
  }
  if (isOneLine && needsLine) {
    const inner = outer + indent;
    const items = [...list.items.map((each) => editor.slice(each)), indented(item, inner)];
    // A comment between two items stays where it is, and so does everything else.
    const between = text.slice(list.start + 1, list.end - 1).length;
    const known = list.items.reduce((length, { start, end }) => length + end - start, 0);
    if (between - known <= 2 * list.items.length + 2)
      return editor.replace(
        list,
        `${text[list.start]}\n${items.map((each) => `${inner}${each},\n`).join('')}${outer}${text[list.end - 1]}`,
      );
  }
  editor.insert(last.end, `, ${indented(item, outer)}`);
}
