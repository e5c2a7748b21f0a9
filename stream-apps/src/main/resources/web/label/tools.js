// Brush, eraser, polygon, fill: what the pointer does to the mask, and zooming and moving.

import { IGNORE } from './mask.js';

const STEP = 1.25;
const ZOOM_PER_PIXEL = 0.0016;

export class Tools {
  #pointer = null;
  #corners = [];
  #space = false;

  /**
   * @param view draws
   * @param on {changed, picked, toolChanged, sizeChanged}
   */
  constructor(view, on) {
    this.view = view;
    this.on = on;
    this.mask = null;
    this.tool = 'brush';
    this.size = 12;
    this.classId = 0;
    this.colours = [];
    const canvas = view.canvas;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerup', (event) => this.#up(event));
    canvas.addEventListener('pointercancel', (event) => this.#up(event));
    canvas.addEventListener('pointerleave', () => this.#hover(null));
    canvas.addEventListener('dblclick', () => this.closePolygon());
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** Starts on another mask, or on none. */
  edit(mask, colours) {
    this.mask = mask;
    this.colours = colours;
    this.#corners = [];
    this.#pointer = null;
    this.#hover(null);
  }

  choose(tool) {
    this.tool = tool;
    this.#corners = [];
    this.on.toolChanged(tool);
    this.#hover(this.view.tool.at ?? null);
  }

  chooseClass(id) {
    this.classId = id;
    if (this.tool === 'eraser') this.choose('brush');
    this.#hover(this.view.tool.at ?? null);
  }

  resize(size) {
    this.size = Math.max(1, Math.min(120, Math.round(size)));
    this.on.sizeChanged(this.size);
    this.#hover(this.view.tool.at ?? null);
  }

  smaller() {
    this.resize(Math.min(this.size - 1, this.size / STEP));
  }

  larger() {
    this.resize(Math.max(this.size + 1, this.size * STEP));
  }

  set space(held) {
    this.#space = held;
    this.#cursor();
  }

  get isBusy() {
    return this.#corners.length > 0 || this.#pointer !== null;
  }

  closePolygon() {
    const corners = this.#corners.filter(([x, y], i, all) => i === 0 || x !== all[i - 1][0] || y !== all[i - 1][1]);
    this.#corners = [];
    if (this.mask && corners.length >= 3) {
      this.mask.polygon(corners, this.#paint);
      this.on.changed();
    }
    this.#hover(this.view.tool.at ?? null);
  }

  dropPolygon() {
    this.#corners = [];
    this.#hover(this.view.tool.at ?? null);
  }

  get #paint() {
    return this.tool === 'eraser' ? null : this.classId;
  }

  /** The brush's size is across; a brush of 1 is one pixel. */
  get #radius() {
    return this.size / 2;
  }

  get #colour() {
    if (this.tool === 'eraser') return '#ffffff';
    const [r, g, b] = this.classId === IGNORE ? [200, 200, 205] : this.colours[this.classId] ?? [255, 255, 255];
    return `rgb(${r} ${g} ${b})`;
  }

  #hover(at) {
    const kind = this.tool === 'polygon' || this.tool === 'fill' ? this.tool : 'brush';
    const shown = this.#space || this.#pointer?.pan ? 'none' : kind;
    this.view.tool = { kind: this.mask ? shown : 'none', at, radius: this.#radius, colour: this.#colour, corners: this.#corners };
    this.#cursor();
    this.view.draw();
  }

  #cursor() {
    const style = this.view.canvas.style;
    if (!this.mask) style.cursor = 'default';
    else if (this.#space || this.#pointer?.pan) style.cursor = this.#pointer ? 'grabbing' : 'grab';
    else style.cursor = this.tool === 'polygon' || this.tool === 'fill' ? 'crosshair' : 'none';
  }

  #down(event) {
    if (!this.mask) return;
    this.view.canvas.focus({ preventScroll: true });
    const at = this.view.toImage(event);
    if (event.button === 1 || this.#space) {
      event.preventDefault();
      this.#pointer = { id: event.pointerId, pan: true, x: event.clientX, y: event.clientY };
    } else if (event.button === 0 && event.altKey) {
      const id = this.mask.at(Math.floor(at[0]), Math.floor(at[1]));
      if (id !== null) this.on.picked(id);
      return;
    } else if (event.button === 0 && this.tool === 'polygon') {
      this.#corners.push(at);
    } else if (event.button === 0 && this.tool === 'fill') {
      this.mask.fill(Math.floor(at[0]), Math.floor(at[1]), this.#paint);
      this.on.changed();
    } else if (event.button === 0) {
      this.#pointer = { id: event.pointerId, pan: false, at };
      this.mask.begin();
      this.mask.line(...at, ...at, this.#radius, this.#paint);
    }
    if (this.#pointer) this.view.canvas.setPointerCapture(event.pointerId);
    this.#hover(at);
  }

  #move(event) {
    if (!this.mask) return;
    if (this.#pointer?.pan) {
      this.view.pan(event.clientX - this.#pointer.x, event.clientY - this.#pointer.y);
      this.#pointer.x = event.clientX;
      this.#pointer.y = event.clientY;
      return;
    }
    if (this.#pointer) {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const part of events.length > 0 ? events : [event]) {
        const at = this.view.toImage(part);
        this.mask.line(...this.#pointer.at, ...at, this.#radius, this.#paint);
        this.#pointer.at = at;
      }
    }
    this.#hover(this.view.toImage(event));
  }

  #up(event) {
    const pointer = this.#pointer;
    this.#pointer = null;
    if (pointer && !pointer.pan && this.mask?.commit()) this.on.changed();
    this.#hover(this.mask ? this.view.toImage(event) : null);
  }

  #wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? event.deltaY * 24 : event.deltaY;
    this.view.zoom(Math.exp(-pixels * ZOOM_PER_PIXEL), event.clientX, event.clientY);
    this.#hover(this.mask ? this.view.toImage(event) : null);
  }
}
