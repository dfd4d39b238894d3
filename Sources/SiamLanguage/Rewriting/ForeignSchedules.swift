/// Schedules of the learning rate that elsewhere are made beside the optimizer, and here stand in it.
extension ForeignCalls {
    /// Schedules that elsewhere stand beside the optimizer.
    static let schedules: Set<String> = [
        "StepLR", "ExponentialLR", "CosineAnnealingLR", "ReduceLROnPlateau",
    ]

    /// `StepLR(opt, step_size = 10)`: the optimizer with that schedule in the place of its rate.
    static func schedule(
        _ word: String, _ arguments: [Argument], _ program: Program, _ rewriter: ForeignRewriter
    ) -> String? {
        let plain = arguments.filter { $0.name == nil }.map { rewriter.source.text($0.value.span) }
        guard let first = plain.first ?? (word == "ReduceLROnPlateau" ? "" : nil), Double(first) == nil else {
            return nil
        }
        func value(_ place: Int, _ name: String) -> String? {
            arguments.first { $0.name?.text == name }.map { rewriter.source.text($0.value.span) } ?? plain[safe: place]
        }
        let optimizer = rated(first, program, rewriter)
        let rate = optimizer?.rate ?? "0.001"
        let made: String
        var says = "it stands in the place of the rate, and counts steps, not epochs"
        switch word {
        case "StepLR":
            guard let size = value(1, "step_size") else { return nil }
            made = "stairs(\(rate), \(size)\(value(2, "gamma").map { ", \($0)" } ?? ""))"
        case "ExponentialLR":
            guard let factor = value(1, "gamma") else { return nil }
            made = "exponential(\(rate), \(factor))"
        case "CosineAnnealingLR":
            guard let length = value(1, "T_max") else { return nil }
            made = "cosine(\(rate), \(length)\(value(2, "eta_min").map { ", floor = \($0)" } ?? ""))"
        default:
            says = "it stands in the place of the rate"
            let of = value(9, "monitor").map { ", of = \($0 == "\"val_loss\"" ? "\"held\"" : $0)" } ?? ""
            made =
                "plateau(\(rate), patience = \(value(3, "patience") ?? "10"), factor = \(value(2, "factor") ?? "0.1")\(of))"
        }
        let whole = optimizer.map { "\($0.before)\(made)\($0.behind)" } ?? "adam(\(made))"
        return whole.utf8.count <= 90 && !whole.contains("\n") ? "\(says):  \(whole)" : nil
    }

    /// The optimizer that a name was given, in siam's words: what stands before its rate, the rate, and what stands behind.
    private static func rated(
        _ name: String, _ program: Program, _ rewriter: ForeignRewriter
    ) -> (before: String, rate: String, behind: String)? {
        for statement in program.statements.reversed() {
            guard case .assign(let targets, let value) = statement.kind, targets.count == 1,
                case .name(name)? = targets.first?.kind, let text = rewriter.text(value),
                case let (inner, errors) = Parser.parse(
                    Source(name: "part", kind: .file, text: text), isVetted: true),
                errors.isEmpty, case .expression(let call)? = inner.statements.first?.kind,
                case .call(let callee, let given, _) = call.kind, case .name(let optimizer) = callee.kind,
                ["adam", "adamw", "sgd", "rmsprop", "adagrad"].contains(optimizer)
            else { continue }
            let source = Source(name: "part", kind: .file, text: text)
            guard let rate = given.first(where: { $0.name?.text == "lr" }) ?? given.first(where: { $0.name == nil })
            else {
                return nil
            }
            return (
                "\(name) = \(source.text(Span(0, rate.value.span.start)))", source.text(rate.value.span),
                source.text(Span(rate.value.span.end, source.bytes.count))
            )
        }
        return nil
    }
}
