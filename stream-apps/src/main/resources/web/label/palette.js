// The list of classes with their colours, keys and shares of the image.

import { IGNORE } from './mask.js';

const keyOf = (i) => (i < 10 ? String((i + 1) % 10) : i < 20 ? `⇧${(i - 9) % 10}` : '');

export class Palette {
  #rows = new Map();

  constructor(list, onChoose) {
    this.list = list;
    this.onChoose = onChoose;
    this.classes = [];
  }

  /** @param classes {id, name, colour}, from the desk */
  show(classes) {
    if (JSON.stringify(classes) === JSON.stringify(this.classes)) return;
    this.classes = classes;
    this.#rows.clear();
    this.list.replaceChildren(
      ...classes.map((one, i) => this.#row(one.id, one.name, one.colour, keyOf(i))),
      this.#row(IGNORE, 'ignore', null, 'I'),
    );
  }

  get colours() {
    return this.classes.map(({ colour }) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));
  }

  name(id) {
    return id === IGNORE ? 'ignore' : this.classes[id]?.name ?? `class ${id}`;
  }

  #row(id, name, colour, key) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.testid = `class-${id}`;
    if (id === IGNORE) button.title = 'Nobody can tell what this is; nothing is learned there';
    const chip = document.createElement('i');
    if (colour) chip.style.background = colour;
    else chip.className = 'hatch';
    const text = document.createElement('span');
    text.textContent = name;
    const share = document.createElement('small');
    const kbd = document.createElement('kbd');
    kbd.textContent = key;
    kbd.hidden = !key;
    button.append(chip, text, share, kbd);
    button.addEventListener('click', () => this.onChoose(id));
    item.append(button);
    this.#rows.set(id, { button, share });
    return item;
  }

  choose(id) {
    for (const [other, { button }] of this.#rows) button.setAttribute('aria-pressed', String(other === id));
    this.#rows.get(id)?.button.scrollIntoView({ block: 'nearest' });
  }

  /** Writes what share of the image each class has. */
  shares(counts, total) {
    for (const [id, { share }] of this.#rows) {
      const part = total === 0 ? 0 : (100 * counts[id]) / total;
      share.textContent = part === 0 ? '' : part < 0.1 ? '<0.1 %' : `${part.toFixed(part < 10 ? 1 : 0)} %`;
    }
  }
}
