/// The script inside the page of a report: what is shown where the mouse points.
extension ReportPage {
    /// What moves on the page: values under the pointer, and the cloud of points that can be turned.
    static let script = #"""
        "use strict";
        const tip = document.getElementById("tip");
        function showTip(event, text, picture) {
          tip.textContent = "";
          if (picture) tip.append(picture);
          tip.append(text);
          tip.style.display = "block";
          const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
          tip.style.left = (right ? event.clientX - 12 - tip.offsetWidth : event.clientX + 16) + "px";
          tip.style.top = Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 4) + "px";
        }
        function hideTip() { tip.style.display = "none"; }
        function short(x) { return x === null || x === undefined ? "none" : String(Number(x.toPrecision(4))); }

        for (const figure of document.querySelectorAll(".chart")) {
          const chart = charts[Number(figure.dataset.chart)];
          if (!chart || !chart.series.length) continue;
          const svg = figure.querySelector("svg");
          const [left, top, width, height] = chart.plane;
          const [low, high, isLogarithmic] = chart.x;
          const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
          line.setAttribute("class", "l");
          line.setAttribute("stroke-width", "1");
          line.style.display = "none";
          svg.append(line);
          figure.addEventListener("pointermove", event => {
            const box = svg.getBoundingClientRect();
            const x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
            const share = (x - left) / width;
            if (share < 0 || share > 1) { line.style.display = "none"; return hideTip(); }
            const at = isLogarithmic ? low * Math.pow(high / low, share) : low + share * (high - low);
            let place = null;
            const rows = [];
            for (const s of chart.series) {
              let best = -1;
              if (s.steps) {
                best = s.y.findIndex((_, k) => at >= s.x[k] && at < s.x[k + 1]);
                if (best >= 0 && place === null) place = (s.x[best] + s.x[best + 1]) / 2;
              } else {
                let near = Infinity;
                s.x.forEach((v, k) => { const d = Math.abs(v - at); if (d < near) { near = d; best = k; } });
                if (best >= 0 && place === null) place = s.x[best];
              }
              if (best >= 0) rows.push(s.name + "  " + short(s.y[best]) + (s.steps ? "" : place === s.x[best] ? "" : "  at " + short(s.x[best])));
            }
            if (place === null) { line.style.display = "none"; return hideTip(); }
            const where = isLogarithmic ? Math.log(place / low) / Math.log(high / low) : (place - low) / (high - low);
            line.setAttribute("x1", left + where * width);
            line.setAttribute("x2", left + where * width);
            line.setAttribute("y1", top);
            line.setAttribute("y2", top + height);
            line.style.display = "";
            showTip(event, (chart.across || "x") + " " + short(place) + "\n" + rows.join("\n"));
          });
          figure.addEventListener("pointerleave", () => { line.style.display = "none"; hideTip(); });
        }

        if (cloud) {
          const canvas = document.getElementById("cloud");
          const pen = canvas.getContext("2d");
          const count = cloud.classes.length;
          const shown = cloud.names.map(() => true);
          let turn = cloud.dim > 2 ? [0.5, -0.4] : [0, 0];
          let zoom = 1;
          let reach = 1e-12;
          for (const v of cloud.points) reach = Math.max(reach, Math.abs(v));
          const places = new Float64Array(count * 3);
          const pictures = cloud.sprite ? new Image() : null;
          if (pictures) pictures.src = cloud.sprite;
          function sign(k, x, y, r) {
            const shape = k % 10;
            const corner = list => { list.forEach(([a, b], n) => n ? pen.lineTo(x + a * r, y + b * r) : pen.moveTo(x + a * r, y + b * r)); };
            pen.beginPath();
            if (shape === 0 || shape === 5) pen.arc(x, y, r, 0, 7);
            else if (shape === 1) { corner([[0, -1.15], [1.05, .8], [-1.05, .8]]); pen.closePath(); }
            else if (shape === 6) { corner([[0, 1.15], [1.05, -.8], [-1.05, -.8]]); pen.closePath(); }
            else if (shape === 2 || shape === 8) pen.rect(x - .88 * r, y - .88 * r, 1.76 * r, 1.76 * r);
            else if (shape === 3) { corner([[0, -1.25], [1.05, 0], [0, 1.25], [-1.05, 0]]); pen.closePath(); }
            else if (shape === 4) { corner([[-.85, -.85], [.85, .85]]); corner([[-.85, .85], [.85, -.85]]); }
            else if (shape === 7) { corner([[-1.1, 0], [1.1, 0]]); corner([[0, -1.1], [0, 1.1]]); }
            else { corner([[-1.1, 0], [1.1, 0]]); corner([[-.55, -.95], [.55, .95]]); corner([[-.55, .95], [.55, -.95]]); }
            if (shape < 4) pen.fill(); else pen.stroke();
          }
          function draw() {
            const [a, b] = turn;
            const [sa, ca, sb, cb] = [Math.sin(a), Math.cos(a), Math.sin(b), Math.cos(b)];
            const scale = zoom * 0.44 * Math.min(canvas.width, canvas.height) / reach;
            for (let k = 0; k < count; k++) {
              const [x, y, z] = [cloud.points[3 * k], cloud.points[3 * k + 1], cloud.points[3 * k + 2]];
              const u = ca * x + sa * z, w = -sa * x + ca * z;
              places[3 * k] = canvas.width / 2 + scale * u;
              places[3 * k + 1] = canvas.height / 2 - scale * (cb * y - sb * w);
              places[3 * k + 2] = sb * y + cb * w;
            }
            const order = Array.from({ length: count }, (_, k) => k).sort((p, q) => places[3 * p + 2] - places[3 * q + 2]);
            pen.clearRect(0, 0, canvas.width, canvas.height);
            pen.lineWidth = 1.5;
            for (const k of order) {
              const c = cloud.classes[k];
              if (!shown[c]) continue;
              pen.globalAlpha = 0.55 + 0.45 * (places[3 * k + 2] / reach + 1) / 2;
              pen.fillStyle = pen.strokeStyle = colors[c % colors.length];
              sign(c, places[3 * k], places[3 * k + 1], 4.2 + places[3 * k + 2] / reach);
            }
            pen.globalAlpha = 1;
          }
          function nearest(event) {
            const box = canvas.getBoundingClientRect();
            const x = (event.clientX - box.left) * canvas.width / box.width;
            const y = (event.clientY - box.top) * canvas.height / box.height;
            let best = -1, near = 144, front = -Infinity;
            for (let k = 0; k < count; k++) {
              if (!shown[cloud.classes[k]]) continue;
              const d = (places[3 * k] - x) ** 2 + (places[3 * k + 1] - y) ** 2;
              if (d < near - 9 || (d < near + 9 && d < 144 && places[3 * k + 2] > front)) {
                best = k; near = Math.min(near, d); front = places[3 * k + 2];
              }
            }
            return best;
          }
          let held = null;
          canvas.addEventListener("pointerdown", event => {
            held = [event.clientX, event.clientY];
            try { canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that has gone already */ }
            hideTip();
          });
          canvas.addEventListener("pointerup", () => { held = null; });
          canvas.addEventListener("pointerleave", hideTip);
          canvas.addEventListener("pointermove", event => {
            if (held) {
              turn = [turn[0] + (event.clientX - held[0]) * 0.01, Math.max(-1.5, Math.min(1.5, turn[1] + (event.clientY - held[1]) * 0.01))];
              held = [event.clientX, event.clientY];
              return draw();
            }
            const k = nearest(event);
            if (k < 0) return hideTip();
            let picture = null;
            if (pictures && pictures.complete) {
              const [w, h, columns] = cloud.tile;
              picture = document.createElement("canvas");
              const times = Math.max(1, Math.floor(72 / Math.max(w, h)));
              picture.width = w * times;
              picture.height = h * times;
              const to = picture.getContext("2d");
              to.imageSmoothingEnabled = false;
              to.drawImage(pictures, k % columns * w, Math.floor(k / columns) * h, w, h, 0, 0, picture.width, picture.height);
            }
            showTip(event, cloud.names[cloud.classes[k]] + "  example " + k, picture);
          });
          canvas.addEventListener("wheel", event => {
            event.preventDefault();
            zoom = Math.max(0.2, Math.min(40, zoom * Math.exp(-event.deltaY * 0.001)));
            draw();
          }, { passive: false });
          canvas.addEventListener("keydown", event => {
            const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
            if (!step) return;
            event.preventDefault();
            turn = [turn[0] + step[0], Math.max(-1.5, Math.min(1.5, turn[1] + step[1]))];
            draw();
          });
          const list = document.getElementById("classes");
          cloud.names.forEach((name, c) => {
            const button = document.createElement("button");
            const mark = document.createElement("span");
            mark.textContent = ["\u25cf", "\u25b2", "\u25a0", "\u25c6", "\u2715", "\u25cb", "\u25bd", "+", "\u25a1", "\u2217"][c % 10] + " ";
            mark.style.color = colors[c % colors.length];
            button.append(mark, name);
            button.setAttribute("aria-pressed", "true");
            button.addEventListener("click", () => {
              shown[c] = !shown[c];
              button.setAttribute("aria-pressed", String(shown[c]));
              draw();
            });
            list.append(button);
          });
          draw();
        }
        """#
}
