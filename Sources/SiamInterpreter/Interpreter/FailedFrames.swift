import SiamLanguage
import SiamTensor

/// Which functions were under way when an error came.
extension Interpreter {
    /// The functions that are under way, the innermost first.
    func failedFrames() -> [FailedFrame] {
        (0..<frameCount).reversed().map { k in
            let frame = frames[k]
            let code = frame.code.takeUnretainedValue()
            let named = code.variables.sorted { $0.value < $1.value }
            let values = named.compactMap { name, register -> (String, Value)? in
                var value = stack[frame.base + register]
                if case .cell(let c) = value { value = c.value }
                if case .unbound = value { return nil }
                return (name, value)
            }
            let place = code.site(frame.pc - 1).map { Place(code.source, $0.span).long } ?? ""
            return FailedFrame(name: code.role == .top ? "" : code.name, place: place, values: values)
        }
    }
}
