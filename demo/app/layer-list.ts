/** The list of layers in the panel: a checkbox and a state for each. */
import { make } from './dom.js';
import type { Layer, LayerState } from './layer.js';

const stateTexts: Readonly<Record<LayerState, string>> = {
  off: 'Off',
  loading: 'Loading',
  waiting: 'Waiting for sign-in',
  loaded: 'Loaded',
  partial: 'Partly saved',
  'not-saved': 'Not saved',
  'signed-out': 'Signed out',
  'not-allowed': 'Not allowed',
  failed: 'Could not be loaded',
};

/** Fills the list, with the topmost layer first. */
export function showLayerList(list: HTMLUListElement, layers: readonly Layer[]): void {
  list.replaceChildren(...layers.toReversed().map(rowOf));
}

function rowOf(layer: Layer): HTMLLIElement {
  const { id, title, summary } = layer.definition;
  const checkbox = make('input', { type: 'checkbox', id: `layer-${id}`, checked: layer.isOn });
  const state = make('span', { id: `state-${id}`, className: 'state' });
  checkbox.setAttribute('aria-describedby', `${state.id} summary-${id}`);
  checkbox.addEventListener('change', () => layer.switch(checkbox.checked));
  const show = (): void => {
    state.textContent = stateTexts[layer.state];
    state.dataset['state'] = layer.state;
    checkbox.checked = layer.isOn;
  };
  layer.addEventListener('change', show);
  show();
  const label = make('label', { htmlFor: checkbox.id }, title);
  return make(
    'li',
    {},
    checkbox,
    make('div', {}, label, make('span', { id: `summary-${id}`, className: 'muted' }, summary)),
    state,
  );
}
