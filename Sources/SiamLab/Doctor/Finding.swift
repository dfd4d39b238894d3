/// The effect of one change, over several seeds.
struct Trial {
    var rule: String
    var label: String
    /// MAP@R with the change less MAP@R without, a seed each; the same of AUC.
    var gains: [Double]
    var aucGains: [Double]
    var mapAtR: Double
    var auc: Double
    var isSignGone: Bool
    /// False where the change may only have kept the net from learning something wrong: it ends no better than untrained.
    var isLearning = true
    /// The program's own figure of new rows that the change makes worse, in words.
    var worsened: String?
    /// What the gains are of; nil of the measure that the run is judged by.
    var measure: String?

    var mean: Double { gains.isEmpty ? 0 : gains.reduce(0, +) / Double(gains.count) }
    var deviation: Double {
        guard gains.count > 1 else { return 0 }
        return (gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gains.count - 1)).squareRoot()
    }
    /// subject.md 3: at least three seeds, mean gain over max(0.05, 3 s / sqrt n), every seed of one sign, the symptom gone, and no figure
    /// of the program's own worse than before.
    var isProved: Bool {
        gains.count >= 3 && isSignGone && worsened == nil && gains.allSatisfy { $0 > 0 }
            && mean > 0.05
            // A gain that is large on every seed is one, however it spreads.
            && (mean > 3 * deviation / Double(gains.count).squareRoot() || gains.allSatisfy { $0 > 0.1 })
            && aucGains.reduce(0, +) > -0.01 * Double(aucGains.count)
    }
}

struct Finding {
    var rule: Rule
    var evidence: String
    var picture: Picture
    /// The step and the stage at which it shows first.
    var firstSymptom: String?
    /// For an effect the name of its cause.
    var cause: String?
    var repair: Change?
    var trial: Trial?
    /// Other changes that did as well, each in one run.
    var alternatives: [String] = []
    var isProved: Bool { trial?.isProved ?? (rule.kind == .measured) }

    init(
        _ rule: Rule, _ evidence: String, _ here: Examination, cause: String? = nil, repair: Change? = nil,
        trial: Trial? = nil
    ) {
        self.rule = rule
        self.evidence = evidence
        picture = rule.picture(here)
        firstSymptom = rule.firstSymptom(here)
        self.cause = cause
        self.repair = repair
        self.trial = trial
    }
}
