// How numbers, times and names are written on the page, and a small builder of elements.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const whole = new Intl.NumberFormat('en');

export const count = (n) => (n < 100_000 ? whole.format(n) : new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(n));

export function rate(perSecond) {
  if (perSecond === 0) return '0';
  if (perSecond < 10) return perSecond.toFixed(1);
  return count(Math.round(perSecond));
}

export const percent = (share, digits = 0) => `${(share * 100).toFixed(digits)} %`;

export const iou = (value) => value.toFixed(3);

export function ago(instant, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  if (seconds < 2) return 'just now';
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(instant).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

export function lasted(milliseconds) {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 90_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

const REASONS = {
  CONFIDENT: 'certain',
  UNCERTAIN: 'uncertain',
  AUDIT: 'audit',
  RANDOM_ARM: 'random arm',
  EVALUATION: 'evaluation split',
  COLD_START: 'cold start',
  UNDECIDED: 'in between',
  OVER_BUDGET: 'over budget',
  NO_CHAMPION: 'no trained model yet',
  SEED: 'seed set',
};

export const reason = (name) => REASONS[name] ?? name.toLowerCase().replaceAll('_', ' ');

const ROUTES = { LEARN: 'learn', ASK_PERSON: 'ask a person', SET_ASIDE: 'set aside' };

export const route = (name) => ROUTES[name] ?? name.toLowerCase().replaceAll('_', ' ');

// Names such as hashes are cut in the middle, so that both ends can be compared by eye.
export const brief = (name, most = 18) =>
  name.length <= most ? name : `${name.slice(0, Math.ceil(most / 2))}…${name.slice(-Math.floor(most / 2) + 1)}`;
