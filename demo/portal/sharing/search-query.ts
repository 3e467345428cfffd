// The query language of the portal's searches, as far as clients use it: fields, phrases, AND, OR, NOT, parentheses.

type Entry = Readonly<Record<string, unknown>>;
type Test = (entry: Entry) => boolean;

/** A field with a value, a quoted phrase, a parenthesis, an operator, or a word. */
const tokenPattern = /\s*(\(|\)|-?\w+:(?:"[^"]*"|\([^)]*\)|[^\s()]+)|"[^"]*"|[^\s()]+)/y;

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

const unquoted = (text: string): string => text.replace(/^["(]|[")]$/g, '').toLowerCase();

function tokenize(query: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(query); match; match = tokenPattern.exec(query)) tokens.push(match[1]!);
  return tokens;
}

function fieldTest(name: string, value: string): Test {
  const wanted = unquoted(value);
  return (entry) => {
    const [, has] = Object.entries(entry).find(([key]) => key.toLowerCase() === name.toLowerCase()) ?? [];
    const values = (Array.isArray(has) ? has : [has]).map((each) => textOf(each).toLowerCase());
    if (wanted.endsWith('*')) return values.some((each) => each.startsWith(wanted.slice(0, -1)));
    // A title is searched by its words, everything else compared.
    return values.some((each) => (name === 'title' ? each.includes(wanted) : each === wanted));
  };
}

const textTest = (text: string): Test => {
  const wanted = unquoted(text).replace(/\*$/, '');
  return (entry) =>
    ['title', 'tags', 'description', 'username', 'fullName'].some((name) =>
      textOf(entry[name]).toLowerCase().includes(wanted),
    );
};

function termTest(token: string): Test {
  const [, minus, name, value] = /^(-?)(\w+):(.+)$/.exec(token) ?? [];
  if (name === undefined || value === undefined) return textTest(token);
  const test = fieldTest(name, value);
  return minus === '-' ? (entry) => !test(entry) : test;
}

/** Terms beside each other are joined with AND. */
function parse(tokens: string[]): Test {
  const alternatives: Test[][] = [[]];
  let isNegated = false;
  for (let token = tokens.shift(); token !== undefined && token !== ')'; token = tokens.shift()) {
    if (token === 'AND') continue;
    if (token === 'OR') alternatives.push([]);
    else if (token === 'NOT') isNegated = true;
    else {
      const test = token === '(' ? parse(tokens) : termTest(token);
      alternatives.at(-1)?.push(isNegated ? (entry) => !test(entry) : test);
      isNegated = false;
    }
  }
  return (entry) => alternatives.some((tests) => tests.every((test) => test(entry)));
}

/** @returns Whether an entry matches the query; an empty query matches everything. */
export const searchTest = (query: string): Test => parse(tokenize(query));

const numberOf = (text: string | null, otherwise: number): number => {
  const value = Number(text ?? '');
  return text !== null && text !== '' && Number.isInteger(value) ? value : otherwise;
};

/** One page of results: `start`, `num` (at most 100), `sortField`, `sortOrder`. */
export function found(
  params: URLSearchParams,
  results: readonly Record<string, unknown>[],
): Record<string, unknown> {
  const start = Math.max(1, numberOf(params.get('start'), 1));
  const num = Math.min(100, Math.max(0, numberOf(params.get('num'), 10)));
  const field = params.get('sortField') ?? '';
  const sign = params.get('sortOrder') === 'desc' ? -1 : 1;
  const keyOf = (entry: Record<string, unknown>): string => textOf(entry[field]).toLowerCase();
  const sorted =
    field === ''
      ? results
      : results.toSorted((a, b) => sign * (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  const page = sorted.slice(start - 1, start - 1 + num);
  return {
    query: params.get('q') ?? '',
    total: results.length,
    start,
    num: page.length,
    nextStart: start - 1 + num < results.length ? start + num : -1,
    results: page,
  };
}
