// The mask being edited: one class id a pixel in the image's own size, and what was done to it.

export const IGNORE = 255;
const MOST_UNDO_BYTES = 96 * 1024 * 1024;

export class EditableMask {
  #done = [];
  #undone = [];
  #stroke = null;

  /** @param onChange told the rectangle {x, y, w, h} of the pixels that changed */
  constructor(width, height, prefill, onChange) {
    this.width = width;
    this.height = height;
    this.prefill = prefill;
    this.classes = prefill.slice();
    this.onChange = onChange;
    this.counts = new Uint32Array(256);
    for (const id of prefill) this.counts[id]++;
  }

  /** Edits that hold, undone ones left out. */
  get edits() {
    return this.#done.length;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  at(x, y) {
    return x >= 0 && y >= 0 && x < this.width && y < this.height ? this.classes[y * this.width + x] : null;
  }

  begin() {
    this.#stroke = { before: new Map() };
  }

  #set(index, id) {
    const old = this.classes[index];
    if (old === id) return;
    if (!this.#stroke.before.has(index)) this.#stroke.before.set(index, old);
    this.counts[old]--;
    this.counts[id]++;
    this.classes[index] = id;
  }

  /** Paints a thick line; id null brings the pre-fill back. Coordinates are in pixels, a pixel's middle at .5. */
  line(x0, y0, x1, y1, radius, id) {
    const reach = Math.max(radius, 0.5);
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
    const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    const right = Math.min(this.width - 1, Math.ceil(Math.max(x0, x1) + reach));
    const bottom = Math.min(this.height - 1, Math.ceil(Math.max(y0, y1) + reach));
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length = dx * dx + dy * dy;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
        const t = length === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length));
        const [ex, ey] = [px - t * dx, py - t * dy];
        if (ex * ex + ey * ey <= reach * reach) {
          const index = y * this.width + x;
          this.#set(index, id ?? this.prefill[index]);
        }
      }
    }
    // The pixel under the pointer is always hit, however small the brush.
    const [cx, cy] = [Math.floor(x1), Math.floor(y1)];
    if (this.at(cx, cy) !== null) this.#set(cy * this.width + cx, id ?? this.prefill[cy * this.width + cx]);
    if (right >= left && bottom >= top) this.onChange({ x: left, y: top, w: right - left + 1, h: bottom - top + 1 });
  }

  /** Recolours the connected region around a pixel as one edit. */
  fill(x, y, id) {
    const from = this.at(x, y);
    if (from === null) return;
    this.begin();
    const seen = new Uint8Array(this.classes.length);
    const todo = [y * this.width + x];
    seen[todo[0]] = 1;
    while (todo.length > 0) {
      const index = todo.pop();
      this.#set(index, id ?? this.prefill[index]);
      const column = index % this.width;
      const near = [index - this.width, index + this.width];
      if (column > 0) near.push(index - 1);
      if (column < this.width - 1) near.push(index + 1);
      for (const other of near) {
        if (other >= 0 && other < seen.length && !seen[other] && this.classes[other] === from) {
          seen[other] = 1;
          todo.push(other);
        }
      }
    }
    this.onChange({ x: 0, y: 0, w: this.width, h: this.height });
    this.commit();
  }

  /** Fills a polygon, its corners [x, y], as one edit; even-odd at the pixels' middles. */
  polygon(corners, id) {
    this.begin();
    const ys = corners.map(([, y]) => y);
    const top = Math.max(0, Math.floor(Math.min(...ys)));
    const bottom = Math.min(this.height - 1, Math.ceil(Math.max(...ys)));
    for (let y = top; y <= bottom; y++) {
      const middle = y + 0.5;
      const crossings = [];
      corners.forEach(([ax, ay], i) => {
        const [bx, by] = corners[(i + 1) % corners.length];
        if (ay <= middle !== by <= middle) crossings.push(ax + ((middle - ay) / (by - ay)) * (bx - ax));
      });
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, Math.ceil(crossings[i] - 0.5));
        const to = Math.min(this.width - 1, Math.ceil(crossings[i + 1] - 0.5) - 1);
        for (let x = from; x <= to; x++) this.#set(y * this.width + x, id ?? this.prefill[y * this.width + x]);
      }
    }
    this.onChange({ x: 0, y: 0, w: this.width, h: this.height });
    this.commit();
  }

  /** Ends a stroke; returns whether it changed anything. */
  commit() {
    const before = this.#stroke?.before;
    this.#stroke = null;
    if (!before || before.size === 0) return false;
    const indices = Uint32Array.from(before.keys());
    const old = Uint8Array.from(before.values());
    const now = Uint8Array.from(indices, (index) => this.classes[index]);
    this.#done.push({ indices, old, now });
    this.#undone = [];
    let held = 0;
    for (let i = this.#done.length - 1; i > 0; i--) {
      held += this.#done[i].indices.length * 6;
      if (held > MOST_UNDO_BYTES) {
        // The oldest edits still count as edits; only their way back is dropped.
        for (let j = 0; j < i; j++) this.#done[j] = { indices: new Uint32Array(0), old: new Uint8Array(0), now: new Uint8Array(0) };
        break;
      }
    }
    return true;
  }

  undo() {
    const edit = this.#done.at(-1);
    if (!edit || edit.indices.length === 0) return;
    this.#undone.push(this.#done.pop());
    this.#apply(edit.indices, edit.old);
  }

  redo() {
    const edit = this.#undone.pop();
    if (!edit) return;
    this.#done.push(edit);
    this.#apply(edit.indices, edit.now);
  }

  #apply(indices, values) {
    indices.forEach((index, i) => {
      this.counts[this.classes[index]]--;
      this.counts[values[i]]++;
      this.classes[index] = values[i];
    });
    this.onChange({ x: 0, y: 0, w: this.width, h: this.height });
  }
}
