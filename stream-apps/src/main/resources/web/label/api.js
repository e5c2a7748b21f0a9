// The label desk's HTTP API. Every request that changes something has an id, so that asking again is safe.

const RETRY_AFTER = 1000;
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

export class Refusal extends Error {
  constructor(status, error, remedy) {
    super(error);
    this.status = status;
    this.remedy = remedy ?? '';
  }
}

export class Desk {
  #name = null;

  /** @param onWaiting told true while the desk cannot be reached, false when it answers again */
  constructor(onWaiting) {
    this.onWaiting = onWaiting;
  }

  set name(value) {
    this.#name = value;
  }

  #headers() {
    return this.#name ? { 'X-Maskstream-Annotator': encodeURIComponent(this.#name) } : {};
  }

  async #answer(ask) {
    for (let waited = false; ; waited = true) {
      let response = null;
      try {
        response = await ask();
      } catch (error) {
        if (error.name === 'AbortError') throw error;
      }
      if (response && response.status < 500) {
        if (waited) this.onWaiting(false);
        if (response.ok) return response;
        const { error, remedy } = await response.json().catch(() => ({}));
        throw new Refusal(response.status, error ?? `the server answered ${response.status}`, remedy);
      }
      this.onWaiting(true);
      await pause(RETRY_AFTER);
    }
  }

  #get(path) {
    return this.#answer(() => fetch(`api/label/${path}`, { headers: this.#headers() }));
  }

  async #post(path, body, keepalive = false) {
    const content = JSON.stringify({ requestId: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, ...body });
    const headers = { 'Content-Type': 'application/json', ...this.#headers() };
    const ask = () => fetch(`api/label/${path}`, { method: 'POST', headers, body: content, keepalive });
    return keepalive ? ask() : this.#answer(ask);
  }

  /** {name}: who asks; empty where nobody has said so. */
  async me() {
    return (await this.#get('me')).json();
  }

  async status() {
    return (await this.#get('status')).json();
  }

  async classes() {
    return (await this.#get('classes')).json();
  }

  /** Claims the next task; null if there is none. */
  async next(resume) {
    const response = await this.#post('next', { resume });
    return response.status === 204 ? null : response.json();
  }

  async bytes(taskId, part) {
    const response = await this.#get(`task/${part}?id=${encodeURIComponent(taskId)}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  async image(taskId) {
    const response = await this.#get(`task/image?id=${encodeURIComponent(taskId)}`);
    return createImageBitmap(await response.blob());
  }

  /** renew, submit, skip, release or reject. */
  async act(taskId, action, body = {}) {
    return (await this.#post(`task/${action}?id=${encodeURIComponent(taskId)}`, body)).json();
  }

  /** Gives a task back while the page is closing. */
  giveBack(taskId) {
    this.#post(`task/release?id=${encodeURIComponent(taskId)}`, {}, true).catch(() => {});
  }
}
