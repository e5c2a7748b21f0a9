// The loop as a drawing: a stage is a box, a topic is an edge with its rate, its total and what is still to be read.

import { count, rate, brief, percent } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

const STAGES = {
  publishers: { x: 16, y: 150, width: 134, title: 'Publishers' },
  inference: { x: 316, y: 150, width: 160, title: 'Inference' },
  routing: { x: 636, y: 150, width: 160, title: 'Routing' },
  trainer: { x: 1014, y: 150, width: 176, title: 'Trainer' },
  deadLetters: { x: 304, y: 338, width: 184, title: 'Refused records' },
  people: { x: 636, y: 338, width: 160, title: 'People' },
  quality: { x: 872, y: 338, width: 158, title: 'Quality' },
};
const HEIGHT = 68;

// at: where the label stands; anchor: how it hangs there; readers: words by which a consumer group is known.
const EDGES = [
  { topic: 'images', path: 'M150 184H316', at: [233, 172], readers: ['infer'] },
  { topic: 'predictions', path: 'M476 184H636', at: [556, 172], readers: ['rout'] },
  { topic: 'training-samples', path: 'M796 172H1014', at: [905, 160], readers: ['train'] },
  { topic: 'models', path: 'M1106 150V88Q1106 68 1086 68H416Q396 68 396 88V150', at: [751, 56], readers: ['infer'] },
  { topic: 'label-tasks', path: 'M686 218V338', at: [676, 276], anchor: 'end', readers: ['label'] },
  { topic: 'annotations', path: 'M746 338V218', at: [756, 276], anchor: 'start', readers: ['rout'] },
  // Quality reads what people answered as well; the figures stand at the upright edge.
  { topic: 'annotations', id: 'annotations-to-quality', path: 'M796 372H872', at: [836, 372], readers: [], mute: true },
  { topic: 'decisions', path: 'M796 198H931Q951 198 951 218V338', at: [961, 276], anchor: 'start', readers: ['quality'] },
  { topic: 'quality', path: 'M1030 372H1086Q1106 372 1106 352V218', at: [1116, 300], anchor: 'start', readers: ['train'] },
  { topic: 'dead-letters', path: 'M396 218V338', at: [386, 276], anchor: 'end', readers: [] },
];

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export class Topology {
  constructor(host) {
    this.edges = new Map();
    this.stages = new Map();
    const root = svg('svg', {
      viewBox: '0 22 1202 392', role: 'img',
      'aria-label': 'Publishers send images to inference; its predictions go to routing, which sends them to people or to the trainer; the trainer sends models back to inference.',
    });
    root.append(svg('defs', {}, svg('marker', {
      id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto-start-reverse', markerUnits: 'userSpaceOnUse',
    }, svg('path', { d: 'M0 0.5L7.5 4L0 7.5z', class: 'tip' }))));
    for (const edge of EDGES) root.append(this.drawEdge(edge));
    for (const [id, stage] of Object.entries(STAGES)) root.append(this.drawStage(id, stage));
    host.replaceChildren(root);
  }

  drawEdge(edge) {
    const [x, y] = edge.at;
    const anchor = edge.anchor ?? 'middle';
    const title = svg('title', {});
    const line = svg('path', { d: edge.path, class: 'wire', 'marker-end': 'url(#tip)' });
    const flow = svg('path', { d: edge.path, class: 'flow' });
    const name = svg('text', { x, y: y - (anchor === 'middle' ? 16 : 14), 'text-anchor': anchor, class: 'topic' }, edge.topic);
    const figure = svg('text', { x, y: anchor === 'middle' ? y : y + 3, 'text-anchor': anchor, class: 'rate', 'data-testid': `edge-${edge.topic}-rate` });
    // Beside an upright line there is room below the rate; along a level line the lag stands under the line.
    const lagY = anchor === 'middle' ? (edge.topic === 'models' ? y + 28 : y + 30) : y + 19;
    const lag = svg('text', { x, y: lagY, 'text-anchor': anchor, class: 'lag', 'data-testid': `edge-${edge.topic}-lag` });
    const id = edge.id ?? edge.topic;
    const group = svg('g', { class: 'edge', 'data-testid': `edge-${id}` }, title, line, flow, ...(edge.mute ? [] : [name, figure, lag]));
    this.edges.set(id, { ...edge, group, title, figure, lag });
    return group;
  }

  drawStage(id, { x, y, width, title }) {
    const name = svg('text', { x: x + width / 2, y: y + 29, 'text-anchor': 'middle', class: 'stage-name' }, title);
    const detail = svg('text', { x: x + width / 2, y: y + 49, 'text-anchor': 'middle', class: 'stage-detail' });
    const lamp = svg('circle', { cx: x + width - 13, cy: y + 13, r: 4, class: 'lamp' });
    const hint = svg('title', {});
    const bar = svg('rect', { x: x + 12, y: y + HEIGHT - 9, width: 0, height: 3, rx: 1.5, class: 'progress' });
    const box = svg('g', { class: `stage ${id}`, 'data-testid': `stage-${id}`, 'data-state': 'idle' },
      hint, svg('rect', { x, y, width, height: HEIGHT, rx: 12, class: 'box' }), name, detail, bar, lamp);
    this.stages.set(id, { box, detail, hint, bar, width });
    if (id !== 'people') return box;
    const link = svg('a', { href: 'label', 'data-label-desk': '' });
    link.append(box);
    return link;
  }

  show(state) {
    for (const edge of this.edges.values()) this.showEdge(edge, state.edges[edge.topic]);
    const flowing = (topic) => (state.edges[topic]?.perSecond ?? 0) > 0;
    const total = (topic) => state.edges[topic]?.total ?? 0;
    const { model, learning, tasks } = state;
    this.showStage('publishers', total('images') ? `${count(total('images'))} images` : 'no image yet', flowing('images'));
    this.showStage('inference', model ? brief(model.serving ?? model.version, 20) : 'waits for a model', flowing('predictions'), !model);
    this.showStage('routing', state.budget
      ? (state.budget.capacity > 0 ? `budget ${count(Math.floor(state.budget.tokens))} of ${count(state.budget.capacity)}` : `${count(total('decisions'))} decisions`)
      : 'no decision yet', flowing('decisions'));
    const round = learning.round;
    this.showStage('trainer', round
      ? `round ${round.round} · ${round.phase} ${percent(round.share)}`
      : (learning.sinceRelease ? `${count(learning.sinceRelease)} new labels` : 'waits for labels'), Boolean(round) || flowing('models'), false, round?.share);
    this.showStage('people', tasks.open ? `${count(tasks.open)} open · ${count(tasks.held)} in hand` : 'nothing to label', flowing('annotations'), tasks.open > 0 && tasks.held === 0 && !flowing('annotations'));
    this.showStage('quality', model?.miou != null ? `mIoU ${model.miou.toFixed(3)}` : (total('quality') ? `${count(total('quality'))} reports` : 'nothing measured yet'), flowing('quality'));
    this.showStage('deadLetters', state.deadLetters.total ? `${count(state.deadLetters.total)} to look at` : 'none', false, state.deadLetters.total > 0);
    for (const wait of state.waits) {
      const stage = this.stages.get({ audit: 'quality', evaluation: 'quality', model: 'inference' }[wait.part] ?? wait.part);
      if (stage) stage.hint.textContent = wait.text;
    }
  }

  showEdge(edge, figure) {
    const perSecond = figure?.perSecond ?? 0;
    const total = figure?.total ?? 0;
    // Sparse topics say more with their total than with a rate of next to nothing.
    edge.figure.textContent = perSecond > 0 ? `${rate(perSecond)}/s` : count(total);
    edge.figure.classList.toggle('resting', perSecond === 0);
    edge.title.textContent = `${edge.topic}: ${rate(perSecond)} a second, ${figure?.exact === false ? 'about ' : ''}${count(total)} in all`
      + (figure?.lags ?? []).map((lag) => `\n${lag.group}: ${count(lag.records)} to read`).join('');
    const behind = (figure?.lags ?? []).filter((lag) => edge.readers.some((word) => lag.group.includes(word)));
    const records = Math.max(0, ...behind.map((lag) => lag.records));
    edge.lag.textContent = records > 0 ? `${count(records)} to read` : '';
    edge.group.classList.toggle('flowing', perSecond > 0);
    edge.group.dataset.pace = perSecond > 20 ? 'fast' : perSecond > 2 ? 'steady' : 'slow';
    edge.group.dataset.total = total;
  }

  showStage(id, text, busy, waiting = false, share = 0) {
    const { box, detail, hint, bar, width } = this.stages.get(id);
    detail.textContent = text;
    hint.textContent = '';
    box.dataset.state = waiting ? 'waiting' : busy ? 'busy' : 'idle';
    bar.setAttribute('width', Math.round((width - 24) * (share ?? 0)));
  }
}
