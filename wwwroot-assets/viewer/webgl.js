// WebGL2 renderer. Integer textures have no hardware filtering, so the shader samples: the average of the
// stored values over the square that a device pixel covers (at least one image pixel wide, which makes it
// bilinear when enlarging), and the nearest sample from 200% on, where pixels are there to be counted.
import { colours, contours, contourColour } from './colours.js';

const vertex = `#version 300 es
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0, 1); }`;

const fragment = `#version 300 es
precision highp float;
precision highp int;
uniform highp usampler2D samples;
uniform highp sampler2D heat;
uniform highp sampler2D colours;
uniform vec2 origin, canvasSize;
uniform float scale, centre, width, opacity;
uniform bool invert;
uniform int overlay;
out vec4 result;

float stored(vec2 point, vec2 size) {
  if (scale >= 2.0) return float(texelFetch(samples, ivec2(point), 0).r);
  vec2 reach = vec2(max(1.0, 1.0 / scale)) * 0.5;
  vec2 low = max(point - reach, 0.0), high = min(point + reach, size);
  ivec2 first = ivec2(low), last = min(ivec2(high), ivec2(size) - 1);
  int stride = max(1, int(reach.x / 8.0));
  float sum = 0.0, total = 0.0;
  for (int y = first.y; y <= last.y; y += stride) {
    float rows = min(float(y + 1), high.y) - max(float(y), low.y);
    for (int x = first.x; x <= last.x; x += stride) {
      float weight = rows * (min(float(x + 1), high.x) - max(float(x), low.x));
      sum += weight * float(texelFetch(samples, ivec2(x, y), 0).r);
      total += weight;
    }
  }
  return sum / total;
}

// Texel centres, as align_corners=false.
float heatAt(vec2 point, vec2 size) {
  ivec2 last = textureSize(heat, 0) - 1;
  vec2 at = point / size * vec2(last + 1) - 0.5, part = fract(at);
  ivec2 a = clamp(ivec2(floor(at)), ivec2(0), last), b = clamp(ivec2(floor(at)) + 1, ivec2(0), last);
  return mix(mix(texelFetch(heat, a, 0).r, texelFetch(heat, ivec2(b.x, a.y), 0).r, part.x),
             mix(texelFetch(heat, ivec2(a.x, b.y), 0).r, texelFetch(heat, b, 0).r, part.x), part.y);
}

void main() {
  vec2 size = vec2(textureSize(samples, 0));
  vec2 point = (vec2(gl_FragCoord.x, canvasSize.y - gl_FragCoord.y) - origin) / scale;
  if (any(lessThan(point, vec2(0))) || any(greaterThanEqual(point, size))) { result = vec4(0, 0, 0, 1); return; }
  float grey = clamp((stored(point, size) - (centre - 0.5)) / max(width - 1.0, 1e-3) + 0.5, 0.0, 1.0);
  vec3 shown = vec3(invert ? 1.0 - grey : grey);
  if (overlay == 1) {
    float value = heatAt(point, size);
    vec3 colour = texelFetch(colours, ivec2(int(floor(clamp(value, 0.0, 1.0) * 255.0 + 0.5)), 0), 0).rgb;
    shown = mix(shown, colour, opacity * clamp(value, 0.0, 1.0));
  } else if (overlay == 2) {
    float value = heatAt(point, size);
    vec2 beside = vec2(heatAt(point + vec2(1.0 / scale, 0), size), heatAt(point + vec2(0, 1.0 / scale), size));
    float slope = max(length(beside - value), 1e-6);
    vec3 line = vec3(${contourColour.map(c => (c / 255).toFixed(6))});
    ${contours.map(([level, strength]) => `
    shown = mix(shown, line,
      ${strength.toFixed(2)} * clamp(1.5 - abs(value - ${level.toFixed(4)}) / slope, 0.0, 1.0));`).join('')}
  }
  result = vec4(shown, 1);
}`;

const uniforms = [
  'samples', 'heat', 'colours', 'origin', 'canvasSize', 'scale', 'centre', 'width', 'opacity', 'invert', 'overlay',
];

export function createWebGl(canvas) {
  const gl = canvas.getContext('webgl2', {
    alpha: false, antialias: false, depth: false, powerPreference: 'high-performance',
  });
  if (!gl) return null;
  let program, at, image = null, map = null;

  const compile = (type, source) => {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    return shader;
  };
  const texture = (unit, format, width, height, layout, type, data) => {
    const made = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, made);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    }
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, layout, type, data);
    return made;
  };
  const textures = [];
  const replace = (unit, ...args) => {
    if (textures[unit]) gl.deleteTexture(textures[unit]);
    textures[unit] = texture(unit, ...args);
  };
  const uploadImage = () => {
    if (!image) return;
    const { width, height, samples } = image;
    const wide = samples.BYTES_PER_ELEMENT === 2, type = wide ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE;
    replace(0, wide ? gl.R16UI : gl.R8UI, width, height, gl.RED_INTEGER, type, samples);
  };
  const uploadHeat = () => {
    replace(1, gl.R32F, map?.width ?? 1, map?.height ?? 1, gl.RED, gl.FLOAT, map?.values ?? new Float32Array(1));
  };

  function build() {
    textures.length = 0;
    program = gl.createProgram();
    gl.attachShader(program, compile(gl.VERTEX_SHADER, vertex));
    gl.attachShader(program, compile(gl.FRAGMENT_SHADER, fragment));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return gl.isContextLost();
    gl.useProgram(program);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    at = Object.fromEntries(uniforms.map(name => [name, gl.getUniformLocation(program, name)]));
    ['samples', 'heat', 'colours'].forEach((name, unit) => gl.uniform1i(at[name], unit));
    replace(2, gl.RGB8, 256, 1, gl.RGB, gl.UNSIGNED_BYTE, colours);
    uploadImage();
    uploadHeat();
    return true;
  }
  if (!build()) return null;

  return {
    name: 'WebGL2',
    canvas,
    maxSize: gl.getParameter(gl.MAX_TEXTURE_SIZE),
    restore: build,
    setImage(next) { image = next; uploadImage(); },
    setHeat(next) { map = next; uploadHeat(); },
    draw({ corner, scale, window, invert, overlay, opacity }) {
      if (!image || gl.isContextLost()) return;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.uniform2f(at.origin, corner.x, corner.y);
      gl.uniform2f(at.canvasSize, canvas.width, canvas.height);
      gl.uniform1f(at.scale, scale);
      gl.uniform1f(at.centre, window.centre);
      gl.uniform1f(at.width, window.width);
      gl.uniform1f(at.opacity, opacity);
      gl.uniform1i(at.invert, invert ? 1 : 0);
      gl.uniform1i(at.overlay, map ? ['none', 'fill', 'contour'].indexOf(overlay) : 0);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    },
    dispose() { gl.getExtension('WEBGL_lose_context')?.loseContext(); },
  };
}
