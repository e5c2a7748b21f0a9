// Mean IoU over time with its interval, and a mark wherever another model took over.

import { el, iou, lasted, brief } from './words.js';
import uPlot from '../../webjars/uplot/dist/uPlot.esm.js';

const LEGEND = [
  ['gate', 'releases, on the evaluation split'],
  ['refused', 'did not pass the gate'],
  ['live', 'serving model, on images drawn by chance'],
  ['audit', 'pseudo-labels, audited'],
  ['swap', 'a model took over'],
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const fade = (name) => `color-mix(in srgb, ${colour(name)} 16%, transparent)`;
const seconds = (instant) => Date.parse(instant) / 1000;

// uPlot wants one time axis for all curves: the union of all times, with gaps bridged.
export function align(curves) {
  const times = [...new Set(curves.flatMap((curve) => curve.map((point) => point.t)))].sort((a, b) => a - b);
  const index = new Map(times.map((t, i) => [t, i]));
  const columns = (curve, keys) => keys.map((key) => {
    const column = new Array(times.length).fill(null);
    for (const point of curve) column[index.get(point.t)] = point[key];
    return column;
  });
  return { times, columns };
}

export class QualityChart {
  constructor(host, legend, empty) {
    this.host = host;
    this.empty = empty;
    this.plot = null;
    this.swaps = [];
    this.whiskers = [];
    this.readout = el('p', { class: 'readout', 'data-testid': 'chart-readout' });
    legend.replaceChildren(...LEGEND.map(([kind, text]) => el('li', { class: kind, 'data-kind': kind }, text)));
    this.legend = legend;
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.last && this.show(this.last));
  }

  size() {
    // What the panel has left under the legend, less the line that says the figures under the pointer.
    return { width: Math.max(280, this.host.clientWidth), height: Math.max(280, this.host.clientHeight - 26) };
  }

  show(chart) {
    this.last = chart;
    const point = (p) => ({ t: seconds(p.at), miou: p.miou, low: p.low, high: p.high, of: p });
    const measured = chart.releases.map(point);
    const served = measured.filter((p) => p.of.status !== 'REJECTED');
    const refused = measured.filter((p) => p.of.status === 'REJECTED');
    const live = chart.live.map(point);
    const audit = chart.audit.map(point);
    const something = measured.length + live.length + audit.length > 0;
    this.swaps = chart.swaps.filter((swap) => swap.round > 0);
    this.empty.hidden = something;
    this.host.hidden = !something;
    for (const [kind, curve] of Object.entries({ gate: served, refused, live, audit, swap: something ? this.swaps : [] })) {
      this.legend.querySelector(`[data-kind="${kind}"]`).hidden = curve.length === 0;
    }
    if (!something) return;

    // The model in charge keeps its figure until the next one: its step reaches to now.
    const now = Date.now() / 1000;
    if (served.length && served.at(-1).t < now) served.push({ ...served.at(-1), t: now, of: null });
    this.whiskers = [...served.filter((p) => p.of).map((p) => [p, 'gate']), ...refused.map((p) => [p, 'refused'])];
    const { times, columns } = align([served, refused, live, audit]);
    const keys = ['low', 'high', 'miou'];
    const data = [times, ...columns(served, keys), ...columns(refused, ['miou']), ...columns(live, keys), ...columns(audit, ['miou'])];
    this.points = { served, live };
    if (this.plot && this.theme === colour('ink')) {
      this.plot.setData(data);
    } else {
      this.plot?.destroy();
      this.theme = colour('ink');
      this.plot = new uPlot(this.options(), data, this.host);
      this.host.append(this.readout);
    }
    this.host.dataset.points = String(measured.length + live.length + audit.length);
  }

  options() {
    const steps = uPlot.paths.stepped({ align: 1 });
    const edge = { stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true };
    const axis = { stroke: colour('muted'), grid: { stroke: colour('grid'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
    return {
      ...this.size(),
      padding: [22, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { setScale: false } },
      scales: { x: { time: true, range: (u, low, high) => (high - low < 20 ? [low - 10, high + 10] : [low - (high - low) * 0.02, high]) },
        y: { range: (u, low, high) => this.yRange(low, high) } },
      axes: [
        { ...axis, size: 32, grid: { show: false }, values: (u, ticks) => ticks.map((t) => new Date(t * 1000).toLocaleTimeString('en-GB')), space: 74 },
        { ...axis, size: 46, values: (u, ticks) => ticks.map((v) => v.toFixed(2)) },
      ],
      series: [
        {},
        { ...edge, label: 'low', paths: steps }, { ...edge, label: 'high', paths: steps },
        { label: 'releases', stroke: colour('gate'), width: 2.5, paths: steps, spanGaps: true, points: { show: false } },
        { label: 'refused', stroke: colour('bad'), width: 2, paths: () => null, points: { show: true, size: 9, fill: colour('panel'), stroke: colour('bad') } },
        { ...edge, label: 'live low' }, { ...edge, label: 'live high' },
        { label: 'live', stroke: colour('live'), width: 2, spanGaps: true, points: { show: false } },
        { label: 'audit', stroke: colour('audit'), width: 1.5, dash: [5, 4], spanGaps: true, points: { show: false } },
      ],
      bands: [{ series: [2, 1], fill: fade('gate') }, { series: [6, 5], fill: fade('live') }],
      hooks: { draw: [(u) => this.drawWhiskers(u)], setCursor: [(u) => this.read(u)], ready: [(u) => this.markSwaps(u)], setData: [(u) => queueMicrotask(() => this.markSwaps(u))], setSize: [(u) => this.markSwaps(u)] },
    };
  }

  yRange(low, high) {
    const all = this.whiskers.flatMap(([p]) => [p.low, p.high]);
    const least = Math.min(low ?? 1, ...all);
    const most = Math.max(high ?? 0, ...all);
    const margin = Math.max(0.03, (most - least) * 0.12);
    return [Math.max(0, least - margin), Math.min(1, most + margin)];
  }

  drawWhiskers(u) {
    const { ctx } = u;
    const ratio = devicePixelRatio;
    ctx.save();
    for (const [p, kind] of this.whiskers) {
      const x = u.valToPos(p.t, 'x', true);
      const [top, bottom, middle] = [p.high, p.low, p.miou].map((v) => u.valToPos(v, 'y', true));
      ctx.strokeStyle = colour(kind === 'gate' ? 'gate' : 'bad');
      ctx.fillStyle = kind === 'gate' ? ctx.strokeStyle : colour('panel');
      ctx.lineWidth = 1.5 * ratio;
      ctx.beginPath();
      for (const y of [top, bottom]) { ctx.moveTo(x - 4 * ratio, y); ctx.lineTo(x + 4 * ratio, y); }
      ctx.moveTo(x, top);
      ctx.lineTo(x, bottom);
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(x, middle, 4 * ratio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  }

  markSwaps(u) {
    for (const old of u.over.querySelectorAll('.swap-mark')) old.remove();
    for (const swap of this.swaps) {
      const left = u.valToPos(seconds(swap.servingAt ?? swap.publishedAt), 'x');
      if (!(left >= 0 && left <= u.over.clientWidth)) continue;
      const waited = swap.servingAt ? `serving ${lasted(Date.parse(swap.servingAt) - Date.parse(swap.publishedAt))} after its release` : 'released, not serving yet';
      const mark = el('div', { class: 'swap-mark', 'data-testid': 'swap-marker', 'data-version': swap.modelVersion, 'data-serving': String(Boolean(swap.servingAt)), title: `${swap.modelVersion}: ${waited}` },
        el('span', {}, `round ${swap.round}`));
      mark.style.left = `${left}px`;
      u.over.append(mark);
    }
  }

  read(u) {
    const at = u.cursor.idx;
    if (at === null || at === undefined || u.cursor.left < 0) {
      this.readout.textContent = '';
      return;
    }
    const t = u.data[0][at];
    const before = (curve) => curve.filter((p) => p.t <= t).at(-1);
    const say = (label, p) => (p ? `${label} ${iou(p.miou)} (${iou(p.low)} to ${iou(p.high)})` : null);
    const release = before(this.points.served);
    const name = release?.of ? brief(release.of.modelVersion, 20) : 'release';
    this.readout.textContent = [new Date(t * 1000).toLocaleTimeString('en-GB'), say(name, release), say('live', before(this.points.live))]
      .filter(Boolean).join(' · ');
  }
}
