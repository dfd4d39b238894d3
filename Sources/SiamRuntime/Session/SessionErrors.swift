import SiamData
import SiamFormats
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// Errors as diagnostics in the language's words.
extension Session {
    /// Shows an error without ending anything.
    public func complain(_ error: any Error) { output.diagnostic(describe(error)) }

    /// Evaluates and shows a line with some names bound for it alone.
    public func evaluateAside(_ line: String, _ names: [(String, Value)]) {
        let kept = globals.keep()
        defer { globals.restore(kept) }
        do {
            for (name, value) in names { try globals.assign(name, value) }
            try run(input(line))
        } catch { complain(error) }
    }

    /// Anything thrown below the language, as a diagnostic in the language's words.
    public func describe(_ error: any Error) -> Diagnostic {
        var d = interpreter.inOwnNames(located(error).inParts())
        if let repair = d.repair, d.edits.isEmpty, !RepairCode.reads(repair) { d.repair = nil }
        return d
    }

    private func located(_ error: any Error) -> Diagnostic {
        switch error {
        case let d as Diagnostic:
            let names = Set(knownNames().map(\.name)).union(globals.userNames)
            if let own = d.inSiamsWords(names.contains), case let tried = vetted(own, isWhole: true),
                tried.repair != nil
            {
                return tried
            }
            return d.edits.isEmpty ? d.withScheduleInOrder : vetted(d)
        case let e as EngineError: return EngineRepairs.describe(e, interpreter)
        case let e as DataError:
            var notes = e.notes
            // Which file it was, unless the message says so.
            let name = e.path.flatMap { path in path.isEmpty || e.message.contains(path) ? nil : path }
            switch (name, e.place) {
            case (let name?, let place?): notes.insert("in \(name), \(place)", at: 0)
            case (let name?, nil): notes.insert("in \(name)", at: 0)
            case (nil, let place?): notes.insert("at \(place)", at: 0)
            case (nil, nil): break
            }
            let family = e.code.split(separator: ".").first.map(String.init) ?? ""
            if let path = e.path,
                ["idx", "npy", "npz", "zip", "csv", "picture", "safetensors", "file"].contains(family),
                let (what, reader) = FileForm.of(path), reader != family, !(family == "zip" && reader == "npz")
            {
                notes.append(
                    "the file is \(what)" + (reader.map { "; \($0) reads such" } ?? ", which siam does not read"))
            }
            return Diagnostic(code: e.code, e.message, notes: notes, repair: repair(e))
        case is Interrupted: return Diagnostic(code: "interrupt", "interrupted")
        default: return Diagnostic(code: "internal", "\(error)")
        }
    }

    /// Without a repair whose line would be wrong in another way, as far as the text tells.
    /// - Parameter isWhole: whether all arguments of the repaired line were looked at, so that they have to fit.
    func vetted(_ d: Diagnostic, isWhole: Bool = false) -> Diagnostic {
        d.vetted { program in
            let mine = globals.userNames.map { KnownName(name: $0, parameters: nil) }
            // What a method is of is known by the error itself.
            let found = check(program, known: knownNames() + mine).filter {
                d.code != "field.unknown" || $0.code != "field.unknown"
            }
            if isWhole { return found }
            // What a misspelt function is given is a question of its own.
            if d.code == "name.unknown" { return found.filter { !$0.code.hasPrefix("argument.") } }
            // A name that is unknown was so before the repair.
            return found.filter { $0.code != "name.unknown" }
        }
    }

    private func repair(_ e: DataError) -> String? {
        switch e.code {
        case "file.web":
            let name = e.path?.split(separator: "/").last.map(String.init) ?? "file"
            let reader = interpreter.calledName ?? "csv"
            return "fetch it in a shell, curl -O ADDRESS, and then  \(reader)(\"\(name)\")"
        case "idx.images":
            let call = interpreter.call(turning: 0, 1) ?? "idx(images, labels)"
            return "images come first, then labels:  \(call)"
        case "file.kind"
        where interpreter.calledName == "idx" && interpreter.argumentTexts.count == 1
            && (e.path.flatMap { FileForm.of($0)?.reader } ?? "idx") == "idx":
            return "one file has images or labels alone; give both, or their folder:  idx(images, labels),  idx(folder)"
        case "file.missing":
            if let near = near(e) { return "Did you mean \(near)?" }
            // A set of that name in the folder of the data sets.
            guard let path = e.path, !path.contains("/"), let name = path.split(separator: ".").first.map(String.init),
                (try? DataFolder.locate(name)) != nil
            else { return nil }
            let reader = interpreter.calledName ?? "csv"
            return "there is one in the folder named by SIAM_DATA:  \(reader)(data(\"\(name)\"))"
        default: return near(e).map { "Did you mean \($0)?" }
        }
    }

    func near(_ e: DataError) -> String? {
        guard let asked = e.path, !e.candidates.isEmpty else { return nil }
        let last = asked.split(separator: "/").last.map(String.init) ?? asked
        return closest(to: last, in: e.candidates)
    }
}
