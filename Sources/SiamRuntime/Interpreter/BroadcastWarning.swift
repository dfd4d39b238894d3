import SiamLanguage
import SiamTensor

extension Interpreter {
    /// A loss that compares each prediction with its target is given 64x1 and 64, and compares each with every other.
    /// Only of the library's own: whoever writes such a sum by hand may mean it.
    @inline(never)
    func warnOfBroadcast(_ l: Tensor, _ r: Tensor, _ result: Tensor) {
        guard frameCount > 1 else { return }
        let frame = frames[frameCount - 1]
        let loss = frame.code.takeUnretainedValue()
        guard loss.source.kind == .prelude, loss.role == .loss, loss.parameters.count >= 2,
            ["target", "t", "s"].contains(loss.parameters[1].name), case .tensor(let a) = stack[frame.base],
            case .tensor(let b) = stack[frame.base + 1],
            (a.shape == l.shape && b.shape == r.shape) || (a.shape == r.shape && b.shape == l.shape)
        else { return }
        var k = frameCount - 2
        while k > 0, frames[k].code.takeUnretainedValue().source.kind == .prelude { k -= 1 }
        let code = frames[k].code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(frames[k].pc - 1),
            case .call(_, let arguments, _) = site.kind, arguments.count >= 2
        else { return }
        let wide = a.rank > b.rank ? 0 : 1
        let given = arguments[wide].value.span
        let text = code.source.text(given)
        var d = Diagnostic(
            .warning, code: "loss.broadcast",
            "\(loss.name) compares \(a.shape) with \(b.shape), which broadcasts to \(result.shape)",
            at: [.init(Place(code.source, given), "\((wide == 0 ? a : b).shape)")],
            notes: ["the mean is then over \(result.count) numbers instead of \(min(a.count, b.count))"])
        if (wide == 0 ? a : b).shape.dims.last == 1, text.utf8.count <= 40 {
            let call = Array(code.source.text(site.span).utf8)
            let end = given.end - site.span.start
            if end <= call.count {
                let mended =
                    String(decoding: call[..<end], as: UTF8.self) + "[.., 0]"
                    + String(decoding: call[end...], as: UTF8.self)
                if mended.utf8.count <= 70 { d.repair = "one shape for both:  \(mended)" }
            }
            d.edits = [.init(Place(code.source, Span(given.end, given.end)), "[.., 0]")]
        }
        session.warn(d)
    }
}
