import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Many short trials, kept as one outcome.
extension Interpreter {
    /// The outcome of many short trials, all in one file of the store: one of them takes less time than a file does. It is kept
    /// where it follows from the values alone; inside of a combination of a sweep that one's file has it.
    func keptTrials(_ name: String, of values: [Value], _ settings: [Int], _ work: () throws -> Double) throws
        -> Double
    {
        guard let keeper = session.keeper, session.interventions == nil, !session.isKeeping else { return try work() }
        let m = ContentKey(globals)
        m.put("trials")
        m.put(name)
        for n in settings { m.put(n) }
        do {
            for v in values { try m.put(v) }
        } catch is NotStorable {
            return try work()
        }
        let key = "trials-" + m.name()
        if let kept = keeper.kept(key), kept.bytes.count == 8 {
            return kept.bytes.withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
        }
        let before = session.stream
        let started = Clock.now()
        let outcome = try work()
        // Of what draws, the next draws would be others.
        guard session.stream.state == before.state else { return outcome }
        try keeper.keep(
            KeptOutcome(bytes: withUnsafeBytes(of: outcome) { Array($0) }),
            KeptPiece(key: key, label: "\(name), \(settings.map(String.init).joined(separator: ", "))"),
            seconds: Clock.now() - started)
        return outcome
    }
}
