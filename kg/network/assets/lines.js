// The lines of a large network, on a layer of their own: one WebGL call draws them all, each from the colour of one end
// to that of the other. sigma.js would keep an object for each of them.

function makeLines(canvas, places, pairs) {
  const gl = canvas.getContext("webgl2", { antialias: true, premultipliedAlpha: true });
  const shader = (type, text) => {
    const made = gl.createShader(type);
    gl.shaderSource(made, text);
    gl.compileShader(made);
    return made;
  };
  const program = gl.createProgram();
  const vertex = `#version 300 es
    in vec2 place; in vec4 tint; uniform vec3 across, down; uniform float opacity; out vec4 ink;
    void main() {
      vec3 at = vec3(place, 1.0);
      gl_Position = vec4(dot(across, at), dot(down, at), 0.0, 1.0);
      ink = vec4(tint.rgb, 1.0) * opacity;
    }`;
  const fragment = `#version 300 es
    precision mediump float; in vec4 ink; out vec4 shown; void main() { shown = ink; }`;
  gl.attachShader(program, shader(gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, fragment));
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const fill = (buffer, name, values, type, size, even) => {
    const at = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, even, 0, 0);
  };
  const tints = gl.createBuffer();
  fill(gl.createBuffer(), "place", places, gl.SHORT, 2, false);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  const uniform = (name) => gl.getUniformLocation(program, name);
  const across = uniform("across"),
    down = uniform("down"),
    opacity = uniform("opacity");
  let count = 0;
  return {
    // colours: four bytes a node; isShown: whether a node is shown
    set(colours, isShown) {
      fill(tints, "tint", colours, gl.UNSIGNED_BYTE, 4, true);
      const kept = new Uint32Array(pairs.length);
      count = 0;
      for (let i = 0; i < pairs.length; i += 2) {
        if (!isShown(pairs[i]) || !isShown(pairs[i + 1])) continue;
        kept[count++] = pairs[i];
        kept[count++] = pairs[i + 1];
      }
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, kept.subarray(0, count), gl.STATIC_DRAW);
    },
    // spot: from a place to pixels; most: how many lines, the first of them, are drawn
    draw(spot, width, height, most, strength) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clear(gl.COLOR_BUFFER_BIT);
      const [o, x, y] = [spot(0, 0), spot(1000, 0), spot(0, 1000)];
      gl.uniform3f(across, (x.x - o.x) / 500 / width, (y.x - o.x) / 500 / width, (2 * o.x) / width - 1);
      gl.uniform3f(down, (o.y - x.y) / 500 / height, (o.y - y.y) / 500 / height, 1 - (2 * o.y) / height);
      gl.uniform1f(opacity, strength);
      gl.drawElements(gl.LINES, Math.min(count, 2 * most), gl.UNSIGNED_INT, 0);
    },
  };
}
