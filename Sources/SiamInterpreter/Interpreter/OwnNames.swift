import SiamLanguage

/// Repairs speak of `net`, `d` and `run` by way of example. Where the program has such things under other names, they are used.
extension Interpreter {
    /// A message whose repair is in the names of the program, and without one that could not be read.
    package func inOwnNames(_ d: Diagnostic) -> Diagnostic {
        guard d.edits.isEmpty, d.repair != nil || d.severity == .warning else { return d }
        var d = d
        let line = d.labels.first.flatMap { $0.place.source.kind == .prelude ? nil : $0.place }
        // A name that the line itself uses is the user's, whatever it holds.
        let written = line.map(Interpreter.wordsOfLines) ?? []
        func named(_ text: String) -> String {
            RepairCode.renamed(text) { word in
                if word == "l", text.contains("grad(l"), !globals.isUserName("l"), let line {
                    return LossNames.given(before: line)
                }
                if written.contains(word) { return nil }
                guard let form = Interpreter.examples[word], !isOwn(word, form) else { return nil }
                return own(form, near: line, isLast: word == "unseen")
            }
        }
        d.repair = d.repair.map(named)
        // Where the program has no data set, the input is one of its own.
        if d.repair?.hasPrefix("give an example input") == true, !globals.isUserName("d") {
            d.repair = d.repair?.replacing("d.x", with: "x")
        }
        // Before the first line runs there is none yet: then the text says whether `seen` is one.
        if let repair = d.repair, !globals.isUserName("d"), !hasDataSet, line?.source.text.contains("seen") != true {
            d.repair = RepairCode.withoutData(repair)
        }
        d.notes = d.notes.map { $0.contains(":  ") ? named($0) : $0 }
        return d
    }

    /// What the names of examples stand for.
    private static let examples: [String: Given.Form] = [
        "net": .net, "d": .dataset, "data": .dataset, "seen": .dataset, "unseen": .dataset, "run": .run,
        "opt": .optimizer,
    ]

    private var hasDataSet: Bool {
        globals.userNames.contains { name in
            globals.valueIfReady(name).map { Given($0, self).form == .dataset } ?? false
        }
    }

    /// Whether the program has something of its own by that name: then it is what is meant.
    private func isOwn(_ word: String, _ form: Given.Form) -> Bool {
        guard let value = globals.isUserName(word) ? globals.valueIfReady(word) : nil else { return false }
        return Given(value, self).form == form
    }

    /// The program's thing of a kind: one that stands in the line of the message, or that what stands there was made of; else
    /// the first that was made.
    private func own(_ form: Given.Form, near place: Place?, isLast: Bool) -> String? {
        let names = globals.userNames.filter { name in
            guard let value = globals.valueIfReady(name), name.utf8.count <= 20 else { return false }
            return Given(value, self).form == form
        }
        guard names.count > 1, let place else { return names.first }
        let source = place.source
        let number = source.position(place.span.start).line
        let inPlace = Interpreter.words(of: source.text(place.span))
        if let found = names.first(where: inPlace.contains) { return found }
        var words = Interpreter.words(of: source.line(number))
        if let found = names.first(where: words.contains) { return found }
        // One step back: where the names of this line were made.
        for earlier in source.text.split(separator: "\n").prefix(number) {
            guard let sign = earlier.firstIndex(of: "="),
                !words.isDisjoint(with: Interpreter.words(of: earlier[..<sign]))
            else { continue }
            words.formUnion(Interpreter.words(of: earlier[sign...]))
        }
        return names.first(where: words.contains) ?? (isLast ? names.last : names.first)
    }

    private static func wordsOfLines(_ place: Place) -> Set<String> {
        let (first, last) = (place.source.position(place.span.start).line, place.source.position(place.span.end).line)
        return (first...max(first, last)).reduce(into: []) { $0.formUnion(words(of: place.source.line($1))) }
    }

    private static func words(of line: some StringProtocol) -> Set<String> {
        Set(line.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }).map { String($0) })
    }
}
