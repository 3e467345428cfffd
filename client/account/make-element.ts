/** Makes the elements of `<identity-account>`. */

/** An element that pages style by `::part()`. @param part - Names of the part; the first is its class too. */
export function makeElement<K extends keyof HTMLElementTagNameMap>(
  name: K,
  part: string,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.setAttribute('part', part);
  made.className = part.split(' ', 1)[0] ?? '';
  return made;
}

/** A button that does not submit a form around the element. */
export function makeButton(part: string, onClick: () => void): HTMLButtonElement {
  const button = makeElement('button', part);
  button.type = 'button';
  button.addEventListener('click', onClick);
  return button;
}

/** Says a text. What is said already is not read out again. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
