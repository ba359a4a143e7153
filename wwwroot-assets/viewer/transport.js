// Stored samples and heat maps from the server. Each viewer has one request of a kind at a time: a later one ends it.

const refusals = {
  image: {
    401: 'You have been signed out. Sign in again to see the image.',
    403: 'You may not see this image.',
    404: 'The image is not there.',
  },
  heat: {
    401: 'You have been signed out.',
    403: 'The heat map is not open to you yet.',
    404: 'There is no heat map.',
  },
};
const offline = {
  image: 'The image could not be fetched: no connection to the server.',
  heat: 'The heat map could not be fetched.',
};

const numbers = (headers, prefix, names) => names.map(name => Number(headers.get(prefix + name)));

function readImage({ headers, bytes }) {
  const [width, height, bits] = numbers(headers, 'X-Image-', ['Width', 'Height', 'Bits']);
  if (!(width > 0 && height > 0) || bytes.byteLength !== width * height * (bits > 8 ? 2 : 1)) {
    throw new Error('The image arrived incomplete.');
  }
  return { width, height, bits, samples: bits > 8 ? new Uint16Array(bytes) : new Uint8Array(bytes) };
}

function readHeat({ headers, bytes }) {
  const [width, height] = numbers(headers, 'X-Map-', ['Width', 'Height']);
  if (!(width > 0 && height > 0) || bytes.byteLength !== 4 * width * height) {
    throw new Error('The heat map arrived incomplete.');
  }
  return { width, height, values: new Float32Array(bytes) };
}

export function createTransport() {
  const requests = {};
  const stop = kind => requests[kind]?.abort();

  async function get(kind, url) {
    stop(kind);
    const { signal } = requests[kind] = new AbortController();
    const response = await fetch(url, { signal, credentials: 'same-origin' });
    if (!response.ok) {
      throw new Error(refusals[kind][response.status] ?? `The server answered ${response.status}.`);
    }
    return { headers: response.headers, bytes: await response.arrayBuffer() };
  }

  return {
    image: async url => readImage(await get('image', url)),
    heat: async url => readHeat(await get('heat', url)),
    stop,
    dispose: () => Object.keys(requests).forEach(stop),
  };
}

// In words for the reader, or null where the request was ended from here.
export function explain(kind, error) {
  if (error.name === 'AbortError') return null;
  return error instanceof TypeError ? offline[kind] : error.message;
}
