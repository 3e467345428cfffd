// Compiles the `where` parameter, the subset of SQL-92 that all ArcGIS layers support, to a predicate of attributes.
import { EnvelopeError } from '../responses.js';
import type { AttributeValue, Attributes, Field } from './feature-layer.js';

type Predicate = (attributes: Attributes) => boolean;
type Operand = (attributes: Attributes) => AttributeValue;
type Token = { kind: 'word' | 'number' | 'text' | 'symbol'; text: string };

const tokenPattern =
  /\s*(?:(?<word>[A-Za-z_]\w*)|(?<number>-?\d+(?:\.\d+)?)|'(?<text>(?:[^']|'')*)'|(?<symbol><=|>=|<>|!=|[=<>(),]))/y;

function refuse(reason: string): never {
  throw new EnvelopeError(400, 'Cannot perform query. Invalid query parameters.', [
    `'where' clause is invalid: ${reason}`,
  ]);
}

function tokenize(clause: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (clause.slice(tokenPattern.lastIndex).trim() !== '') {
    const at = tokenPattern.lastIndex;
    const groups = tokenPattern.exec(clause)?.groups;
    if (!groups) refuse(`unexpected text at position ${at}`);
    if (groups['word'] !== undefined) tokens.push({ kind: 'word', text: groups['word'] });
    else if (groups['number'] !== undefined) tokens.push({ kind: 'number', text: groups['number'] });
    else if (groups['text'] !== undefined)
      tokens.push({ kind: 'text', text: groups['text'].replaceAll("''", "'") });
    else tokens.push({ kind: 'symbol', text: groups['symbol']! });
  }
  return tokens;
}

const comparisons: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Compares two values: numbers by size, others as text. */
export function compareValues(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [textA, textB] = [String(a), String(b)];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

/** LIKE with `%` and `_`. Without regular expressions, because a client's pattern could take exponential time. */
function isLike(text: string, pattern: string): boolean {
  let [t, p, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '%') [star, mark, p] = [p, t, p + 1];
    else if (p < pattern.length && (pattern[p] === '_' || pattern[p] === text[t])) [t, p] = [t + 1, p + 1];
    else if (star >= 0) [p, mark, t] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (pattern[p] === '%') p++;
  return p === pattern.length;
}

class Parser {
  private at = 0;
  constructor(
    private readonly tokens: readonly Token[],
    private readonly fields: readonly Field[],
  ) {}

  parse(): Predicate {
    const predicate = this.disjunction();
    if (this.at < this.tokens.length) refuse(`unexpected ${this.tokens[this.at]!.text}`);
    return predicate;
  }

  private takes(text: string): boolean {
    const token = this.tokens[this.at];
    if (!token || token.kind === 'text' || token.text.toUpperCase() !== text) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.takes(text)) refuse(`${text} expected`);
  }

  private disjunction(): Predicate {
    const terms = [this.conjunction()];
    while (this.takes('OR')) terms.push(this.conjunction());
    return (attributes) => terms.some((term) => term(attributes));
  }

  private conjunction(): Predicate {
    const terms = [this.negation()];
    while (this.takes('AND')) terms.push(this.negation());
    return (attributes) => terms.every((term) => term(attributes));
  }

  private negation(): Predicate {
    if (this.takes('NOT')) {
      const term = this.negation();
      return (attributes) => !term(attributes);
    }
    if (this.takes('(')) {
      const term = this.disjunction();
      this.expect(')');
      return term;
    }
    return this.condition();
  }

  private condition(): Predicate {
    const left = this.operand();
    if (this.takes('IS')) {
      const isNegated = this.takes('NOT');
      this.expect('NULL');
      return (attributes) => (left(attributes) === null) !== isNegated;
    }
    const isNegated = this.takes('NOT');
    const positive = this.membership(left);
    if (positive)
      return isNegated ? (attributes) => left(attributes) !== null && !positive(attributes) : positive;
    if (isNegated) refuse('LIKE, IN or BETWEEN expected after NOT');

    const symbol = this.tokens[this.at++]?.text ?? '';
    const holds = comparisons[symbol];
    if (!holds) refuse('comparison expected');
    return this.comparing(left, this.operand(), holds);
  }

  private membership(left: Operand): Predicate | undefined {
    if (this.takes('LIKE')) {
      const pattern = this.operand();
      return (attributes) => isLike(String(left(attributes) ?? ''), String(pattern(attributes)));
    }
    if (this.takes('IN')) {
      this.expect('(');
      const options = [this.operand()];
      while (this.takes(',')) options.push(this.operand());
      this.expect(')');
      return (attributes) => options.some((option) => option(attributes) === left(attributes));
    }
    if (this.takes('BETWEEN')) {
      const low = this.comparing(left, this.operand(), (order) => order >= 0);
      this.expect('AND');
      const high = this.comparing(left, this.operand(), (order) => order <= 0);
      return (attributes) => low(attributes) && high(attributes);
    }
    return undefined;
  }

  /** A comparison with NULL is never true, as in SQL. */
  private comparing(left: Operand, right: Operand, holds: (order: number) => boolean): Predicate {
    return (attributes) => {
      const [a, b] = [left(attributes), right(attributes)];
      return a !== null && b !== null && holds(compareValues(a, b));
    };
  }

  private operand(): Operand {
    const token = this.tokens[this.at++];
    if (!token) refuse('value expected');
    const { kind, text } = token;
    if (kind === 'number') return () => Number(text);
    if (kind === 'text') return () => text;
    if (kind === 'symbol') refuse(`unexpected ${text}`);
    const word = text.toUpperCase();
    const next = this.tokens[this.at];
    if ((word === 'DATE' || word === 'TIMESTAMP') && next?.kind === 'text') {
      this.at++;
      const timeMs = Date.parse(`${next.text.replace(' ', 'T')}${word === 'DATE' ? '' : 'Z'}`);
      if (Number.isNaN(timeMs)) refuse('date expected as yyyy-mm-dd');
      return () => timeMs;
    }
    if (word === 'UPPER' || word === 'LOWER') {
      this.expect('(');
      const inner = this.operand();
      this.expect(')');
      return (attributes) => {
        const value = String(inner(attributes) ?? '');
        return word === 'UPPER' ? value.toUpperCase() : value.toLowerCase();
      };
    }
    const field = this.fields.find(({ name }) => name.toUpperCase() === word);
    if (!field) refuse(`no field ${text}`);
    return (attributes) => attributes[field.name] ?? null;
  }
}

/**
 * Compiles a clause such as `CONTINENT = 'Europe' AND AREA_KM2 > 100000`.
 * An empty clause matches everything.
 *
 * @throws {@link EnvelopeError} 400 where the clause is invalid or names an unknown field.
 */
export function compileWhere(clause: string, fields: readonly Field[]): Predicate {
  return clause.trim() === '' ? () => true : new Parser(tokenize(clause), fields).parse();
}
