/// `minimize` where no training is: the training that the lines around it mean.
extension Diagnostic {
    func inTraining(of known: Program?) -> Diagnostic? {
        guard code == "minimize.outside" || code == "place.minimize", message.contains("train"),
            !message.hasPrefix("a block"), let place = labels.first?.place, place.source.kind != .prelude
        else { return nil }
        let program =
            known.flatMap { $0.source == place.source ? $0 : nil } ?? Parser.parse(place.source, isVetted: true).program
        let source = place.source
        var loss: Expression?
        var names: [String] = []
        var from = ""
        var isOpt = false
        var walker = TreeWalker()
        walker.onStatement = { s in
            switch s.kind {
            case .minimize(let e) where s.span.start <= place.span.start && place.span.start < s.span.end: loss = e
            case .forIn(let parts, let given, let block)
            where block.span.start <= place.span.start && place.span.end <= block.span.end:
                if BatchParts.parts(of: given)?.count == parts.count {
                    (names, from) = (parts.map(\.text), source.text(given.span))
                }
            case .assign(let targets, let value) where s.span.end <= place.span.start:
                if targets.count == 1, targets[0].kind == .name("opt") { isOpt = true }
                guard case .call(let callee, _, _) = value.kind, case .field(let owner, let next) = callee.kind,
                    next.text == "next", BatchParts.parts(of: owner)?.count == targets.count
                else { return }
                (names, from) = (targets.map { source.text($0.span) }, source.text(owner.span))
            default: break
            }
        }
        for statement in program.statements { walker.walk(statement) }
        guard let loss, loss.plainNumber == nil, case let written = source.text(loss.span), !written.contains("\n")
        else {
            return nil
        }
        var net: String?
        loss.walk { e in
            guard net == nil, case .call(let callee, let given, _) = e.kind, given.count == 1,
                case .name(let name) = callee.kind, case .name(let part) = given[0].value.kind, names.contains(part)
            else { return }
            net = name
        }
        var d = self
        d.edits = []
        let list = names.joined(separator: ", ")
        let whole = "train \(net ?? "net") on \(from) as \(list) for 5 epochs using adam(0.001) { minimize \(written) }"
        if net != nil, !from.isEmpty, whole.utf8.count <= 140 {
            d.repair = "training is  \(whole)"
        } else if net != nil || isOpt, written.utf8.count <= 50 {
            d.repair =
                "in a hand-written loop:  g = grad(\(written), \(net ?? "net")); update(\(isOpt ? "opt" : "sgd(0.1)"), \(net ?? "net"), g)"
        }
        return d
    }
}
