/// What is known of an argument: everything while the program runs, less if only its text is read.
public struct Given {
    public enum Form: Sendable {
        case none, number, bool, text, tensor, list, record, range, function, constructor, net, dataset, source
        case optimizer, run, initialiser, schedule, other
    }
    public var form: Form
    /// What messages call it: "a tensor of 3x4", `"relu"`, "7".
    public var shown: () -> String
    /// Of tensors, numbers and bools; a length that is not known is nil.
    public var dims: [Int?]?
    public var number: Double?
    public var text: String?
    /// The first element for which the test holds; nil where none does, or the elements are not known.
    public var first: ((Double) -> Bool) -> Double?
    /// The least and the greatest of whole numbers; nil where they are not all whole, or not known.
    public var wholeExtent: () -> (low: Double, high: Double)? = { nil }
    /// The name of the function, or the operator that the tensor came out of.
    public var name: String?
    /// Whether every element equals that of the other, which is not one row over and over.
    public var equals: (Given) -> Bool = { _ in false }
    /// What it was made from, for `equals`.
    public var held: Any?
    /// How many inputs a net is called with, where that is known.
    public var inputs: Int?

    public init(
        _ form: Form, dims: [Int?]? = nil, number: Double? = nil, text: String? = nil, name: String? = nil,
        first: @escaping ((Double) -> Bool) -> Double? = { _ in nil }, shown: @escaping () -> String
    ) {
        self.form = form
        self.shown = shown
        self.dims = dims
        self.number = number
        self.text = text
        self.first = first
        self.name = name
    }

    var isScalar: Bool { dims.map { $0.isEmpty } ?? false }
    /// One number, in whatever shape.
    var isSingle: Bool { form == .number || (form == .tensor && dims?.allSatisfy { $0 == 1 } == true) }

    static func text(_ dims: [Int?]) -> String {
        dims.isEmpty ? "a number" : dims.map { $0.map(String.init) ?? "n" }.joined(separator: "x")
    }
}

/// What a declaration makes of an argument.
public enum KindVerdict {
    case fits
    /// Fits once it has this shape: N x 1 taken as N.
    case reshaped([Int])
    /// Allowed, and most likely not meant.
    case doubtful(KindFault)
    case wrong(KindFault)
}

public struct KindFault: Sendable {
    public var code: String
    public var message: String
    /// The label under the argument.
    public var label = ""
    public var notes: [String] = []
    public var repair: String?
}

extension Kind {
    /// - Parameter others: the other arguments of the call, by the name of their parameter.
    public func verdict(_ given: Given, of name: String, in who: String, others: (String) -> Given?) -> KindVerdict {
        var fault: KindFault?
        var doubt: KindFault?
        // Of what fits no alternative, the one that speaks of values as they were given is the one to name.
        let isFlat = (given.dims?.count ?? 0) <= 1
        for one in alternatives {
            switch one.resolved(others).verdict(given, of: name, in: who, others: others) {
            case .fits?: return one.word == .like ? oneHot(given, name, who, others) ?? .fits : .fits
            case .reshaped(let dims)?: return .reshaped(dims)
            case .doubtful(let found)?: doubt = doubt ?? found
            case .wrong(let found)?: if fault == nil || (isFlat && one.word != .like) { fault = found }
            case nil: continue
            }
        }
        if let doubt { return .doubtful(doubt) }
        if let fault { return .wrong(fault) }
        if given.text != nil || given.form == .list, alternatives.contains(where: { $0.word == .columns }) {
            return .wrong(
                KindFault(
                    code: "argument.kind",
                    message: "\(who) expects class numbers for \(name), and got \(given.shown())",
                    repair: "a data set converts class names to numbers:  dataset(x, names).y"))
        }
        // A number between quotes.
        let isNumeric = given.text.flatMap { Double($0) } != nil
        let wantsNumber = alternatives.contains { $0.word == .number || $0.word == .whole }
        return .wrong(
            KindFault(
                code: "argument.kind", message: "\(who) expects \(name) to be \(described), and got \(given.shown())",
                repair: isNumeric && wantsNumber ? "write the number without quotes:  \(given.text ?? "")" : nil))
    }
}

extension Kind {
    /// One-hot class numbers in place of a second view of the embeddings.
    private func oneHot(_ given: Given, _ name: String, _ who: String, _ others: (String) -> Given?) -> KindVerdict? {
        guard alternatives.contains(where: { $0.word == .classes }), let dims = given.dims, dims.count == 2,
            let width = dims[1], width > 1, given.form == .tensor, others("same") == nil, others("n") == nil
        else { return nil }
        // Each row holds a single 1 and zeros.
        var (place, ones) = (0, 0)
        let odd = given.first { x in
            if place % width == 0 {
                if place > 0, ones != 1 { return true }
                ones = 0
            }
            place += 1
            if x == 1 { ones += 1 }
            return x != 0 && x != 1
        }
        guard odd == nil, place > 0, ones == 1 else { return nil }
        return .doubtful(
            KindFault(
                code: "loss.one_hot",
                message: "\(who) uses \(name) as a second view, and it looks like one-hot classes",
                label: Given.text(dims), repair: "class numbers of it:  argmax(\(name), axis = 1)"))
    }
}

extension Kind.Alternative {
    /// With the numbers of the limits that are other parameters; those that are not known are left out.
    func resolved(_ others: (String) -> Given?) -> Self {
        guard bounds.contains(where: { $0.name != nil }) else { return self }
        var one = self
        one.bounds = bounds.compactMap { bound in
            guard let name = bound.name else { return bound }
            return others(name)?.number.map { Kind.Bound(sign: bound.sign, limit: $0) }
        }
        return one
    }

    /// Nil where the argument is of another kind altogether.
    func verdict(_ given: Given, of name: String, in who: String, others: (String) -> Given?) -> KindVerdict? {
        guard let word else { return given.text == nil && given.form == .text || given.text == literal ? .fits : nil }
        switch word {
        case .any: return .fits
        case .number, .whole:
            guard given.isSingle else { return nil }
            return bounded(given, name, who, isWhole: word == .whole)
        case .bool:
            if given.form == .bool { return .fits }
            guard given.isSingle else { return nil }
            return given.first { $0 != 0 && $0 != 1 } == nil ? .fits : nil
        case .text: return given.form == .text ? .fits : nil
        case .function:
            return [.function, .net, .schedule, .constructor, .other].contains(given.form) ? .fits : nil
        case .distance:
            return [.function, .other].contains(given.form) || given.form == .net && given.inputs != 1 ? .fits : nil
        case .net: return [.net, .function, .constructor, .other].contains(given.form) ? .fits : nil
        case .list: return [.list, .tensor, .range].contains(given.form) ? .fits : nil
        case .record: return given.form == .record ? .fits : nil
        case .dataset: return given.form == .dataset ? .fits : nil
        case .optimizer: return given.form == .optimizer ? .fits : nil
        case .run: return given.form == .run ? .fits : nil
        case .initialiser: return [.initialiser, .tensor, .function].contains(given.form) ? .fits : nil
        case .schedule: return given.form == .schedule || given.form == .function ? .fits : nil
        case .none: return given.form == .none ? .fits : nil
        case .tensor, .logits:
            guard given.dims != nil else { return nil }
            if word == .logits, let maker = given.name, ["softmax", "sigmoid", "log_softmax"].contains(maker),
                !(maker == "log_softmax")
            {
                return .doubtful(squashed(maker, name, who))
            }
            if word == .logits, let maker = given.name, let fault = oneSided(maker, name, who, given) {
                return .doubtful(fault)
            }
            if word == .logits, given.name == nil, sharesOfOne(given) {
                return .doubtful(
                    KindFault(
                        code: "loss.squashed",
                        message: "\(who) expects logits, and each row of these sums to 1",
                        label: "from 0 to 1", notes: ["\(who) has a softmax of its own"],
                        repair:
                            "leave softmax out, and use it where probabilities are needed:  softmax(net(x))"
                    ))
            }
            return bounded(given, name, who, isWhole: false)
        case .rows, .row:
            guard let dims = given.dims, given.form == .tensor else { return nil }
            if dims.count == (word == .rows ? 2 : 1) { return bounded(given, name, who, isWhole: false) }
            return dims.count > 2 ? .wrong(picture(dims, name, who)) : nil
        case .batch:
            guard let dims = given.dims, !dims.isEmpty else { return nil }
            return one(picture: dims, name, who).map { .wrong($0) } ?? likely(picture: dims, who).map { .doubtful($0) }
                ?? .fits
        case .signs:
            guard given.dims != nil else { return nil }
            if let got = given.first({ $0 != 1 && $0 != -1 && !$0.isNaN }) {
                return .wrong(
                    KindFault(
                        code: "loss.labels",
                        message: "\(name) must be -1 or 1 for each number of \(other ?? ""), and got \(shown(got))",
                        label: Kind.values(given),
                        repair: Kind.signsRepair(given, name, others(other ?? ""))))
            }
            return matching(given, name, who, others(other ?? ""))
        case .flags, .classes, .columns: return each(given, name, who, others(other ?? ""))
        case .wide: return wide(given, name, who, others(other ?? ""))
        case .like: return like(given, name, who, others)
        case .matching: return matching(given, name, who, others(other ?? ""))
        }
    }

    /// Whether the rows are what a softmax gives: numbers from 0 on that add up to 1. Of few numbers that may be chance.
    private func sharesOfOne(_ given: Given) -> Bool {
        guard let dims = given.dims, dims.count == 2, let rows = dims[0], let width = dims[1], width > 1,
            rows * width >= 6
        else { return false }
        var (place, sum) = (0, 0.0)
        let odd = given.first { x in
            sum += x
            place += 1
            guard place % width == 0 else { return !(x >= 0) }
            defer { sum = 0 }
            return !(x >= 0) || abs(sum - 1) > 1e-4
        }
        return odd == nil && place == rows * width
    }

    /// Whether the bounds are those of a share: from 0 to 1, with or without its ends.
    private func isShare(_ limits: [Kind.Bound]) -> Bool {
        limits.count == 2 && limits.contains { $0.limit == 0 } && limits.contains { $0.limit == 1 }
    }

    /// Whether every element keeps within the bounds.
    func bounded(_ given: Given, _ name: String, _ who: String, isWhole: Bool) -> KindVerdict {
        func fault(_ limits: [Kind.Bound], _ got: Double) -> KindFault {
            let noun = isWhole ? "a whole number" : given.isSingle ? "a number" : nil
            let wanted =
                noun.map { "\(who) expects \(name) to be \($0)\(Kind.Alternative.said(limits))" }
                ?? "\(who) expects every number of \(name)\(Kind.Alternative.said(limits))"
            return KindFault(
                code: "argument.range", message: "\(wanted), and got \(shown(got))",
                repair: isShare(limits) && !["beta1", "beta2", "momentum", "rho"].contains(name) && got >= 10
                    && got < 100 && given.isSingle
                    ? "\(shown(got)) % is the share \(shown(got / 100)):  \(name) = \(shown(got / 100))" : nil)
        }
        if isWhole, let got = given.first({ $0 != $0.rounded() || abs($0) >= 1e15 }) {
            return .wrong(fault(bounds, got))
        }
        if !bounds.isEmpty, let got = given.first({ x in bounds.contains { $0.isBroken(by: x) } }) {
            return .wrong(fault(bounds, got))
        }
        if !usual.isEmpty, let got = given.first({ x in usual.contains { $0.isBroken(by: x) } }) {
            return .doubtful(
                KindFault(
                    code: "argument.unusual",
                    message: "\(who) has \(name) = \(shown(got)), which is usually\(Kind.Alternative.said(usual))",
                    repair: got == 0 && (name == "lr" || who == "contrastive") ? Kind.ofNothing[name] : nil))
        }
        return .fits
    }

    /// One picture where a batch of them is wanted: square, with the channels of a picture.
    private func one(picture dims: [Int?], _ name: String, _ who: String) -> KindFault? {
        guard dims.count == 3, let height = dims[0], let width = dims[1], let channels = dims[2], height == width,
            height > 4, [1, 3, 4].contains(channels)
        else { return nil }
        return KindFault(
            code: "layer.batch",
            message:
                "\(who) expects a batch, and got one image of \(Given.text(dims)): its \(height) rows would be \(height) examples",
            label: Given.text(dims), notes: ["x[0] of a batch is one example, and x[0..1] a batch of one"],
            repair: "a batch of one:  x[0..1], or expand(x, 0)")
    }

    /// What has the lengths of a picture that is not square, and could be as many sequences.
    private func likely(picture dims: [Int?], _ who: String) -> KindFault? {
        guard dims.count == 3, let height = dims[0], let width = dims[1], let channels = dims[2],
            min(height, width) >= 8,
            2 * max(height, width) <= 5 * min(height, width), [1, 3, 4].contains(channels)
        else { return nil }
        return KindFault(
            code: "layer.batch",
            message: "\(who) takes \(Given.text(dims)) for \(height) examples, and it has the shape of one image",
            label: Given.text(dims), repair: "a batch of one:  expand(x, 0)")
    }

    private func squashed(_ maker: String, _ name: String, _ who: String) -> KindFault {
        KindFault(
            code: "loss.squashed",
            message: "\(who) expects logits, and these went through \(maker)",
            label: "out of \(maker)", notes: ["\(who) has a \(LossNames.ownActivation(who)) of its own"],
            repair: LossNames.withoutActivation(who, maker))
    }

    /// Numbers that are never below 0 where scores may have any sign: distances, and what a relu leaves.
    private func oneSided(_ maker: String, _ name: String, _ who: String, _ given: Given) -> KindFault? {
        guard ["euclidean", "relu", "softplus"].contains(maker), given.first({ $0 < 0 }) == nil else { return nil }
        if maker == "euclidean" {
            guard who == "bce_with_logits" else { return nil }
            return KindFault(
                code: "loss.squashed", message: "\(who) expects logits of any sign, and distances are >= 0",
                label: "distances", notes: ["a larger distance would make a pair more likely to be positive"],
                repair: "for distances:  contrastive(net(a), net(b), same), or  siamese(net, head = dense(1))")
        }
        return KindFault(
            code: "loss.squashed", message: "\(who) needs logits below 0 too, and \(maker) leaves none",
            label: "out of \(maker)", repair: "leave \(maker) out after the last dense")
    }

    private func picture(_ dims: [Int?], _ name: String, _ who: String) -> KindFault {
        KindFault(
            code: "argument.rows",
            message: "\(who) expects \(name) to be N x width, one row per example, and got \(Given.text(dims))",
            label: Given.text(dims),
            repair: "the embeddings that a net makes of them, or one row each:  flatten({\(name)})")
    }

}

extension Kind {
    /// What a setting of 0 comes to, by its name.
    fileprivate static let ofNothing = [
        "margin": "with 0 nothing is pushed apart; usual is  margin = 1",
        "lr": "with 0 no weight changes; usual is  adam(0.001)  or  sgd(0.1)",
    ]
}

/// A tensor's numbers are 32 bits wide: 1.2, not 1.2000000476837158.
func shown(_ x: Double) -> String { Double(Float(x)) == x ? formatFloat(Float(x)) : formatNumber(x) }

extension Kind {
    /// The range of an activation's outputs; nil if it is unbounded.
    static func reach(of activation: String) -> (low: Double, high: Double, said: String)? {
        switch activation {
        case "relu", "softplus": (0, .infinity, ">= 0")
        case "sigmoid", "softmax": (0, 1, "from 0 to 1")
        case "tanh": (-1, 1, "from -1 to 1")
        default: nil
        }
    }

    static func values(_ given: Given) -> String {
        guard let dims = given.dims, !dims.isEmpty, let count = dims[0] else { return "" }
        guard given.first({ $0 != $0.rounded() }) == nil else { return "\(count) numbers" }
        var (low, high) = (Double.infinity, -Double.infinity)
        _ = given.first {
            low = min(low, $0)
            high = max(high, $0)
            return false
        }
        guard low.isFinite, high.isFinite else { return "" }
        return "whole numbers, \(count) of them, \(formatNumber(low)) to \(formatNumber(high))"
    }

    /// Labels of 0 and 1, and class numbers, where -1 and 1 belong.
    static func signsRepair(_ given: Given, _ name: String, _ scores: Given?) -> String? {
        if given.first({ $0 != 0 && $0 != 1 }) == nil { return "of 0 and 1:  2 * {\(name)} - 1" }
        guard let wide = scores?.dims, wide.count == 2, given.first({ $0 != $0.rounded() || $0 < 0 }) == nil else {
            return nil
        }
        return "for several classes, one output per class:  cross_entropy({s}, {\(name)})"
    }

    /// Class numbers, probabilities or distances where 0 or 1 belongs.
    static func flagsRepair(_ given: Given, _ dims: [Int?]) -> String? {
        if dims.count > 1, dims.dropFirst().contains(where: { $0 != 1 }) { return nil }
        if given.first({ $0 != $0.rounded() }) == nil {
            return given.first({ $0 == -1 }) != nil && given.first({ abs($0) != 1 }) == nil
                ? "where -1 means different classes:  ({same} + 1) / 2"
                : "pairs(...) gives same ready made; of class numbers:  same = ya == yb"
        }
        return "a threshold makes 0 and 1 of it:  same > 0.5"
    }
}
