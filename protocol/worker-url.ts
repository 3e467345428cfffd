/** The script tag's attributes as query of the ready worker's script URL, written by the page, read by the worker. */

/** Attributes (`data-…`) and query parameters that make a registration. */
export const registrationFields = [
  'portal',
  'client-id',
  'redirect-uri',
  'name',
  'token-placement',
  'servers',
  'resources',
  'persistence',
  'callback',
  'callback-page',
] as const;

export type RegistrationField = (typeof registrationFields)[number];

/** A registration as text, as it stands in attributes and query. `servers` and `resources` are lists separated by spaces. */
export type RegistrationText = Partial<Record<RegistrationField, string>>;

/** Where fields are read from, such as a query. */
interface Fields {
  get(name: RegistrationField): string | null;
}

/** Reads a registration from a query. */
export function readRegistration(parameters: Fields): RegistrationText {
  const text: RegistrationText = {};
  for (const field of registrationFields) {
    const value = parameters.get(field);
    if (value !== null) text[field] = value;
  }
  return text;
}

/** Writes a registration as a query, always in the same order: the worker's URL must not change from page to page. */
export function writeRegistration(attributes: Fields): string {
  const pairs = registrationFields.flatMap((field) => {
    const value = attributes.get(field);
    return value === null ? [] : [`${field}=${encodeURIComponent(value)}`];
  });
  return pairs.join('&');
}
