import SiamLanguage

extension Interpreter {
    /// The program's own words for the arguments without a name of the call being made: what curves are called when
    /// nothing else names them. Empty where the call stands in no program.
    public var argumentTexts: [String] {
        guard frameCount > 0 else { return [] }
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1), case .call(let callee, let arguments, _) = site.kind else {
            return []
        }
        var texts = arguments.filter { $0.name == nil }.map { code.source.text($0.value.span) }
        // x.f(a) is f(x, a).
        if case .field(let receiver, _) = callee.kind { texts.insert(code.source.text(receiver.span), at: 0) }
        return texts
    }
}

extension Interpreter {
    /// For long work in Swift: throws where Ctrl-C was pressed.
    public func checkInterrupt() throws { if interrupt.pointee != 0 { try interrupted() } }
}
