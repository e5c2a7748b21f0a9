// Draws the image, the mask over it, the heat-map and the tool; turns pointer positions into pixels of the image.

import { IGNORE } from './mask.js';

const MOST_ZOOM = 40;
const MARGIN = 14;
const HATCH = [120, 120, 128];

/** Colours of uncertainty, from nearly sure to not at all; transparent where the model is sure. */
const HEAT = [[0, 59, 15, 112], [60, 140, 41, 129], [130, 222, 73, 104], [195, 254, 159, 109], [255, 252, 253, 191]];

export function heatColour(unsure) {
  const i = Math.max(1, HEAT.findIndex(([from]) => from >= unsure));
  const [a, b] = [HEAT[i - 1], HEAT[i]];
  const t = (unsure - a[0]) / (b[0] - a[0]);
  return [1, 2, 3].map((k) => Math.round(a[k] + t * (b[k] - a[k])));
}

export class View {
  #context;
  #frame = 0;
  #overlay = null;
  #heatmap = null;
  #image = null;
  #mask = null;
  #colours = [];
  #fitted = true;

  constructor(canvas, stage) {
    this.canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.scale = 1;
    this.left = 0;
    this.top = 0;
    this.opacity = 0.55;
    this.hidden = false;
    this.heat = false;
    this.tool = { kind: 'none' };
    this.onZoom = () => {};
    new ResizeObserver(() => this.#resized(stage)).observe(stage);
  }

  #resized(stage) {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(stage.clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(stage.clientHeight * ratio));
    this.ratio = ratio;
    if (this.#fitted) this.fit();
    this.draw();
  }

  /** Shows a task: its image, its editable mask, and its confidence, one byte a pixel. */
  show(image, mask, confidence, colours) {
    this.#image = image;
    this.#mask = mask;
    this.#colours = colours;
    this.#overlay = new OffscreenCanvas(mask.width, mask.height);
    this.refresh({ x: 0, y: 0, w: mask.width, h: mask.height });
    this.#heatmap = new OffscreenCanvas(mask.width, mask.height);
    const pixels = new ImageData(mask.width, mask.height);
    confidence.forEach((sure, i) => {
      const unsure = 255 - sure;
      const [r, g, b] = heatColour(unsure);
      pixels.data.set([r, g, b, Math.min(235, unsure * 2.2)], i * 4);
    });
    this.#heatmap.getContext('2d').putImageData(pixels, 0, 0);
    this.fit();
  }

  clear() {
    this.#image = null;
    this.#mask = null;
    this.draw();
  }

  /** Repaints a rectangle of the overlay from the mask. */
  refresh({ x, y, w, h }) {
    const pixels = new ImageData(w, h);
    let to = 0;
    for (let row = y; row < y + h; row++) {
      for (let column = x; column < x + w; column++, to += 4) {
        const id = this.#mask.classes[row * this.#mask.width + column];
        const stripe = id === IGNORE && ((row + column) >> 1) % 3 === 0;
        const [r, g, b] = id === IGNORE ? (stripe ? [235, 235, 240] : HATCH) : this.#colours[id] ?? HATCH;
        pixels.data[to] = r;
        pixels.data[to + 1] = g;
        pixels.data[to + 2] = b;
        pixels.data[to + 3] = 255;
      }
    }
    this.#overlay.getContext('2d').putImageData(pixels, x, y);
    this.draw();
  }

  fit() {
    this.#fitted = true;
    if (!this.#mask) return;
    const margin = MARGIN * this.ratio;
    const [w, h] = [this.canvas.width - 2 * margin, this.canvas.height - 2 * margin];
    this.scale = Math.max(0.01, Math.min(w / this.#mask.width, h / this.#mask.height));
    this.left = (this.canvas.width - this.scale * this.#mask.width) / 2;
    this.top = (this.canvas.height - this.scale * this.#mask.height) / 2;
    this.#moved();
  }

  zoom(factor, clientX, clientY) {
    if (!this.#mask) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(clientX - box.left) * this.ratio, (clientY - box.top) * this.ratio];
    const least = Math.min(1, this.canvas.width / this.#mask.width, this.canvas.height / this.#mask.height) / 4;
    const scale = Math.max(least, Math.min(MOST_ZOOM * this.ratio, this.scale * factor));
    this.left = x - ((x - this.left) / this.scale) * scale;
    this.top = y - ((y - this.top) / this.scale) * scale;
    this.scale = scale;
    this.#fitted = false;
    this.#moved();
  }

  pan(dx, dy) {
    this.left += dx * this.ratio;
    this.top += dy * this.ratio;
    this.#fitted = false;
    this.#moved();
  }

  #moved() {
    this.onZoom(this.scale / this.ratio);
    this.draw();
  }

  /** Returns where a pointer is, in pixels of the image. */
  toImage(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * this.ratio - this.left) / this.scale,
      ((event.clientY - box.top) * this.ratio - this.top) / this.scale,
    ];
  }

  /** Returns where a pixel of the image is on the screen, in CSS pixels; the inverse of toImage. */
  toClient(x, y) {
    const box = this.canvas.getBoundingClientRect();
    return [box.left + (this.left + x * this.scale) / this.ratio, box.top + (this.top + y * this.scale) / this.ratio];
  }

  draw() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#frame = 0;
    const c = this.#context;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.#mask) return;
    const { width, height } = this.#mask;
    c.setTransform(this.scale, 0, 0, this.scale, this.left, this.top);
    c.imageSmoothingEnabled = this.scale < 2;
    c.imageSmoothingQuality = 'high';
    c.drawImage(this.#image, 0, 0, width, height);
    if (!this.hidden) {
      c.imageSmoothingEnabled = this.scale < 1;
      c.globalAlpha = this.opacity;
      c.drawImage(this.#overlay, 0, 0);
    }
    if (this.heat) {
      c.imageSmoothingEnabled = true;
      c.globalAlpha = 0.85;
      c.drawImage(this.#heatmap, 0, 0);
    }
    c.globalAlpha = 1;
    this.#paintTool(c);
  }

  #paintTool(c) {
    const { kind, at, radius, colour, corners } = this.tool;
    const hair = this.ratio / this.scale;
    if (kind === 'brush' && at) {
      const reach = Math.max(radius, 0.5);
      c.beginPath();
      c.arc(at[0], at[1], reach, 0, 2 * Math.PI);
      c.globalAlpha = 0.3;
      c.fillStyle = colour;
      c.fill();
      c.globalAlpha = 1;
      c.lineWidth = 3.5 * hair;
      c.strokeStyle = 'rgb(0 0 0 / 60%)';
      c.stroke();
      c.lineWidth = 1.5 * hair;
      c.strokeStyle = '#fff';
      c.stroke();
    }
    if (kind === 'polygon' && corners.length > 0) {
      c.beginPath();
      corners.forEach(([x, y], i) => (i === 0 ? c.moveTo(x, y) : c.lineTo(x, y)));
      if (at) c.lineTo(...at);
      c.globalAlpha = 0.3;
      c.fillStyle = colour;
      c.fill();
      c.globalAlpha = 1;
      c.lineWidth = 3.5 * hair;
      c.strokeStyle = 'rgb(0 0 0 / 60%)';
      c.stroke();
      c.lineWidth = 1.5 * hair;
      c.strokeStyle = '#fff';
      c.stroke();
      for (const [x, y] of corners) {
        c.beginPath();
        c.arc(x, y, 4 * hair, 0, 2 * Math.PI);
        c.fillStyle = '#fff';
        c.fill();
        c.lineWidth = 1.5 * hair;
        c.strokeStyle = 'rgb(0 0 0 / 70%)';
        c.stroke();
      }
    }
  }
}
