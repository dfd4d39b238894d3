import SiamGradient
import SiamLanguage
import SiamTensor

/// Calls of operators that give something, and hardly what was meant: said once at each place.
extension Interpreter {
    /// Distances of pictures go along their last axis, the one channel.
    func warnOfChannel(_ inputs: [Tensor]) {
        guard let a = inputs.first, a.rank == 4, a.shape[3] == 1, inputs.allSatisfy({ $0.shape == a.shape }),
            calledName == "euclidean"
        else { return }
        let written = argumentTexts.map { "flatten(\($0))" }.joined(separator: ", ")
        session.warn(
            Diagnostic(
                .warning, code: "distance.width",
                "euclidean works along the last axis, the channels: from \(a.shape) it makes \(a.shape[0])x\(a.shape[1])x\(a.shape[2])",
                at: userPlace().map { [.init($0)] } ?? [],
                repair: written.utf8.count <= 60 ? "for one per image:  euclidean(\(written))" : nil))
    }

    /// The place of the largest of all scores of a batch, where each row has a class of its own.
    func warnOfPlace(_ word: String, _ inputs: [Tensor], _ attributes: [Attribute]) {
        guard let scores = inputs.first, scores.rank == 2, scores.shape[0] > 1, scores.shape[1] > 1,
            attributes.allSatisfy({ if case .none = $0 { true } else if case .flag = $0 { true } else { false } }),
            calledName != nil, let text = argumentTexts.first, text.utf8.count <= 40, !text.contains("\n"),
            let maker = (scores.origin as? Node)?.op?.name, ["affine", "softmax", "log_softmax"].contains(maker)
        else { return }
        session.warn(
            Diagnostic(
                .warning, code: "argmax.axis",
                "\(word) without an axis gives one index over all \(scores.count) scores, and these are \(scores.shape[0]) rows",
                at: userPlace().map { [.init($0)] } ?? [],
                // In a loss it has no gradient along any axis, which is said there.
                repair: isTraining ? nil : "for the class of each row:  \(word)(\(text), axis = 1)"))
    }

    /// Places as a matrix beside a matrix: elsewhere gather takes one element of each row by them, here whole slices.
    func warnOfGather(_ inputs: [Tensor], _ attributes: [Attribute]) {
        guard inputs.count == 2, case .integer(let axis)? = attributes.first, calledName != nil else { return }
        let (x, places) = (inputs[0].shape.dims, inputs[1].shape.dims)
        guard x.count == 2, places.count == 2, axis == 1 || axis == -1, x[0] == places[0] else { return }
        let texts = argumentTexts.prefix(2).map { $0.utf8.count <= 20 && !$0.contains("\n") ? $0 : "" }
        let (a, b) = texts.count == 2 && !texts.contains("") ? (texts[0], texts[1]) : ("x", "places")
        session.warn(
            Diagnostic(
                .warning, code: "index.lengths",
                "gather takes whole slices: indices of \(inputs[1].shape) along axis 1 give \(x[0])x\(places[0])x\(places[1])",
                at: userPlace().map { [.init($0)] } ?? [],
                repair: places[1] == 1
                    ? "the one element of each row:  sum(\(a) * one_hot(\(b)[.., 0], \(x[1])), axis = 1)"
                    : "the elements of each row by its own indices:  [gather(\(a)[i], \(b)[i]) for i in 0..\(x[0])]"))
    }

    /// A gradient with respect to a tensor that the value was not computed from: most often its name was given another value
    /// in between.
    public func warnOfOtherTensor() {
        let texts = argumentTexts
        guard texts.count == 2, texts.allSatisfy({ $0.utf8.count <= 40 && !$0.contains("\n") }), calledName == "grad"
        else { return }
        session.warn(
            Diagnostic(
                .warning, code: "grad.unrelated",
                "nothing of \(texts[0]) was computed from this \(texts[1]), so its gradient is 0",
                at: userPlace().map { [.init($0)] } ?? [],
                notes: ["a name that is given a new value no longer means the tensor that the value was computed from"],
                repair: "compute the value after the last change of \(texts[1])"))
    }
}
