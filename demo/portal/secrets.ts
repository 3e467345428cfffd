// All secrets that the portal issued or received, by label, so that leaks can be found.

/** Shorter values occur in texts by chance. */
const shortestSecret = 16;

interface Secret {
  readonly label: string;
  readonly value: string;
  readonly disguises: readonly string[];
}

export class SecretRegister {
  readonly #byValue = new Map<string, Secret>();
  readonly #counts = new Map<string, number>();

  /** Records a secret and gives it a label such as `access-3`; the same value keeps its first label. */
  register(kind: string, value: string): string {
    const known = this.#byValue.get(value);
    if (known) return known.label;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const label = `${kind}-${count}`;
    if (value.length >= shortestSecret) {
      this.#byValue.set(value, { label, value, disguises: disguisesOf(value) });
    }
    return label;
  }

  labelOf(value: string): string | undefined {
    return this.#byValue.get(value)?.label;
  }

  /** Labels of all secrets that occur in the text: raw, percent-encoded, or inside base64 or base64url. */
  leaks(text: string): string[] {
    const found: string[] = [];
    for (const { label, disguises } of this.#byValue.values()) {
      if (disguises.some((disguise) => text.includes(disguise))) found.push(label);
    }
    return found;
  }

  /** The text with every known secret replaced by its label in square brackets. */
  redact(text: string): string {
    let redacted = text;
    for (const { label, disguises } of this.#byValue.values()) {
      for (const disguise of disguises) {
        if (redacted.includes(disguise)) redacted = redacted.replaceAll(disguise, `[${label}]`);
      }
    }
    return redacted;
  }
}

function disguisesOf(value: string): string[] {
  const disguises = new Set([value, encodeURIComponent(value)]);
  // A value that starts in the middle of a base64 text lies at one of three bit offsets.
  for (const shift of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]);
    const encoded = bytes.toString('base64').replace(/=+$/, '');
    // The first and last characters also depend on the neighbours of the value.
    const inner = encoded.slice(
      Math.ceil((shift * 8) / 6),
      bytes.length % 3 === 0 ? undefined : encoded.length - 1,
    );
    disguises.add(inner);
    disguises.add(inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...disguises];
}
