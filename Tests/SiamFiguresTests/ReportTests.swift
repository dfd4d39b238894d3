import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamFigures

/// The report is opened in a real browser: it draws, raises no error, tells values under the pointer, and can be turned.
@Suite struct ReportTests {
    static let program = """
        seed 3
        d = digits()[0..200]
        net = flatten >> dense(16) >> relu >> dense(4)
        run = train net on pairs(d, 16) as a, b, same for 20 steps using adam(0.003) {
          minimize contrastive(net(a), net(b), same)
          every 5 steps { report accuracy = pair_accuracy(net, d) }
        }
        """

    private func page(_ more: String = "") throws -> String {
        try Tools.withFolder { folder in
            let output = Programs.output(Self.program + "\nreport(\"\(folder)/run.html\"\(more))")
            #expect(output == "")
            return try #require(TextTests.read("\(folder)/run.html"))
        }
    }

    @Test func reportsAreWholeAndTheSameTwice() throws {
        let text = try page()
        for part in [
            "Findings", "gave no warning", "dense1.w", "update to weight", "Program", "Curves", "Embedding",
            "Distances", "Health", "Net net", "minimize contrastive",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(
            !text.contains("http:/")
                || text.components(of: "http:/").allSatisfy { $0.hasPrefix("/www.w3.org/2000/svg") })
        #expect(!text.contains("https:/"))
        #expect(try page() == text)
    }

    @Test(.enabled(if: Tools.browser != nil, "needs Chromium")) func aBrowserShowsTheReport() throws {
        let probe = """
            <script>
            const found = { errors: errorsSeen, svg: document.querySelectorAll("svg").length };
            const tipText = () => getComputedStyle(tip).display === "none" ? "" : tip.textContent;
            const point = (target, type, x, y) => target.dispatchEvent(
              new PointerEvent(type, { clientX: x, clientY: y, bubbles: true, pointerId: 1 }));
            onload = () => {
              const chart = document.querySelector(".chart");
              let box = chart.querySelector("svg").getBoundingClientRect();
              point(chart, "pointermove", box.left + box.width / 2, box.top + box.height / 2);
              found.curve = tipText();
              point(chart, "pointerleave", 0, 0);
              found.left = tipText();
              const canvas = document.getElementById("cloud");
              box = canvas.getBoundingClientRect();
              found.point = "";
              for (let y = 10; y < box.height && !found.point; y += 7)
                for (let x = 10; x < box.width && !found.point; x += 7) {
                  point(canvas, "pointermove", box.left + x, box.top + y);
                  found.point = tipText();
                }
              found.thumbnail = tip.querySelector("canvas") !== null;
              const before = canvas.toDataURL();
              point(canvas, "pointerdown", box.left + 50, box.top + 50);
              point(canvas, "pointermove", box.left + 90, box.top + 70);
              point(canvas, "pointerup", box.left + 90, box.top + 70);
              const turned = canvas.toDataURL();
              found.turns = before !== turned;
              document.querySelector("#classes button").click();
              found.hides = canvas.toDataURL() !== turned;
              found.drawn = before.length > 3000;
              const result = document.createElement("pre");
              result.textContent = "FOUND " + JSON.stringify(found) + " END";
              document.body.append(result);
            };
            </script></body>
            """
        let watch = "<head><script>const errorsSeen = []; onerror = m => { errorsSeen.push(String(m)); };</script>"
        let text = try page().replacing("<head>", with: watch).replacing("</body>", with: probe)
        try Tools.withFolder { folder in
            TextTests.write(text, "\(folder)/run.html")
            let shown = Tools.output(
                "timeout 120 \(Tools.browser ?? "") --headless --no-sandbox --disable-gpu --enable-logging=stderr "
                    + "--virtual-time-budget=5000 --user-data-dir=\(folder)/profile --dump-dom file://\(folder)/run.html"
            )
            let result = shown.split(separator: "FOUND ").last.map { String($0.split(separator: " END")[0]) } ?? ""
            #expect(result.contains("\"errors\":[]"), "\(result)")
            #expect(!shown.contains("CONSOLE"), "\(shown.split(separator: "\n").filter { $0.contains("CONSOLE") })")
            #expect(result.contains("\"curve\":\"step 1"), "\(result)")
            #expect(result.contains("loss  0."), "\(result)")
            #expect(result.contains("\"left\":\"\""), "\(result)")
            #expect(result.contains("  example "), "\(result)")
            for part in ["thumbnail", "turns", "hides", "drawn"] {
                #expect(result.contains("\"\(part)\":true"), "\(part): \(result)")
            }
        }
    }
}

extension String {
    /// What follows each occurrence of a text.
    func components(of text: String) -> [String] { split(separator: text).dropFirst().map(String.init) }
}
