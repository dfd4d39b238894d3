import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What the doctor knows about a run when it evaluates a rule.
struct Examination {
    var wiring: TrainingModel
    var evidence: Evidence
    /// The margin of the loss, 1 where none is known.
    var margin: Double { wiring.margin ?? 1 }
    var hasMargin: Bool { wiring.margin != nil }
    /// d0 / m.
    var reachOfMargin: Double { evidence.firstDistance / max(margin, 1e-12) }
    /// Whether the training has no second part of its batch, or uses it nowhere. The record alone does not tell, since losses
    /// read class numbers outside of it.
    var isWithoutLabels: Bool {
        wiring.train.names.count < 2
            || evidence.facts?.unusedParts.contains(1) == true && !wiring.isMentioned(part: 1)
    }
}

/// A fault of the catalogue, declared once: its name, what a user sees, why, its symptom in the evidence, the changes that
/// would confirm it in the order in which they are tried, the repair in words.
struct Rule {
    enum Kind {
        /// Something in the program that can be repaired.
        case cause
        /// A state of the net, which has a cause.
        case effect
        /// Shown by measurement; no replay is needed.
        case measured
        /// Worth saying, no fault.
        case note
    }
    /// How the doctor may use a rule, beside its kind.
    struct Traits: OptionSet {
        let rawValue: Int
        /// Its changes help many runs: tried only where no more specific cause was confirmed.
        static let lastResort = Traits(rawValue: 1)
        /// Its symptom is a poor result, which any repair of the run removes.
        static let toldByOutcome = Traits(rawValue: 2)
        /// Tried also where a run learnt almost nothing and the symptom is absent.
        static let triedWithoutSign = Traits(rawValue: 4)
        /// A state that is a finding whether or not its cause was found.
        static let isThereByItself = Traits(rawValue: 8)
        /// Reported only where the search over single changes finds nothing better.
        static let yieldsToSearch = Traits(rawValue: 16)
        /// Its changes scale numbers of several meanings, so that a number that a search found is not named after it.
        static let namesNoNumber = Traits(rawValue: 32)
        /// Its symptom is seen in the training step itself: single changes are searched for one that removes it before other
        /// causes are tried, and where it is conclusive it is named before them.
        static let shownByStep = Traits(rawValue: 128)
        /// Unrelated changes remove its symptom too, so only a change to another variable in its place confirms it.
        static let onlyByNames = Traits(rawValue: 256)
        /// Concerns the evaluation, not the training: reported after faults of the training.
        static let ofTheEvaluation = Traits(rawValue: 64)
        /// Makes a score too good, so that it explains no poor one.
        static let flatters = Traits(rawValue: 512)
        /// Its changes make the run longer: a number that a search found is named after it all the same.
        static let namesLength = Traits(rawValue: 1024)
        /// Its changes replace initialisers: a smaller number inside one that a search found is named after it.
        static let namesScale = Traits(rawValue: 2048)
    }
    let number: Int
    let name: String
    let kind: Kind
    let traits: Traits
    let seen: String
    let why: String
    let repair: String
    /// What shows it.
    let picture: (Examination) -> Picture
    /// The step and the stage at which the symptom is first seen, as far as they are known.
    let firstSymptom: (Examination) -> String?
    /// The evidence in words if the symptom is present, else nil.
    let sign: (Examination) -> String?
    private(set) var changes: (Examination) -> [Change]
    /// For a fault of degree: whether a change reduced it, although the symptom need not be gone.
    let eases: ((_ before: Evidence, _ after: Evidence) -> Bool)?
    /// Whether the symptom alone makes the fault suspected in a poor run, even if no change that was tried helped.
    let isPlain: (Evidence) -> Bool
    /// Whether the measurement alone shows the fault, even if the run is useful and nothing that was tried helped.
    let isConclusive: (Evidence) -> Bool

    init(
        _ number: Int, _ name: String, _ kind: Kind = .cause, seen: String, why: String, repair: String,
        traits: Traits = [], picture: @escaping (Examination) -> Picture,
        firstSymptom: @escaping (Examination) -> String? = { _ in nil },
        sign: @escaping (Examination) -> String?, changes: @escaping (Examination) -> [Change] = { _ in [] },
        eases: ((Evidence, Evidence) -> Bool)? = nil, isPlain: @escaping (Evidence) -> Bool = { _ in false },
        isConclusive: @escaping (Evidence) -> Bool = { _ in false }
    ) {
        self.number = number
        self.name = name
        self.kind = kind
        self.traits = traits
        self.seen = seen
        self.why = why
        self.repair = repair
        self.picture = picture
        self.firstSymptom = firstSymptom
        self.sign = sign
        self.changes = changes
        self.eases = eases
        self.isPlain = isPlain
        self.isConclusive = isConclusive
    }

    /// The same fault with these changes as its repair.
    func with(_ changes: [Change]) -> Rule {
        var other = self
        other.changes = { _ in changes }
        return other
    }

    /// The text of `?name` for the fault.
    var help: HelpEntry {
        let proof =
            switch kind {
            case .cause: "A cause: it counts as confirmed where undoing it improves held-out scores over several seeds."
            case .effect: "An effect: a state of the net that another fault has caused. Repair that fault."
            case .measured: "Shown by a measurement, without replays."
            case .note: "Worth knowing, but not a fault by itself."
            }
        return HelpEntry(
            name: name, kind: "fault", family: "faults", signature: "fault \(number): \(name)",
            text: "\(seen)\nWhy: \(why)\nRepair: \(repair).\n\(proof)", examples: [], seeAlso: ["diagnose", "inspect"])
    }

    /// All rules, the most specific first.
    static var all: [Rule] {
        tasks + comparisons + wiring + lostValues + beginnings + pairs + inputs + geometry + [summed] + stepSize
            + numbersOfComparisons
            + collapse + amountsOfTraining + searched.filter { $0.number != summed.number }
    }
}

/// One significant digit.
func round(_ x: Double) -> Double {
    guard x.isFinite, x > 0 else { return 1 }
    var scale = 1.0
    var y = x
    while y >= 10 { (y, scale) = (y / 10, scale * 10) }
    while y < 1 { (y, scale) = (y * 10, scale / 10) }
    return scale >= 1 ? y.rounded() * scale : y.rounded() / (1 / scale).rounded()
}
