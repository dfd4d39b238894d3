import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Random changes of pictures and rows while they are drawn.
extension Builtins {
    static let augmentations: [Builtin] = [
        change("shift", "by : whole >= 0", "by whole pixels, up to `by` each way") {
            .shift(by: try $0.integer(0, atLeast: 0))
        },
        change("rotate", "degrees : number", "about the centre, up to `degrees` each way") {
            .rotate(degrees: try $0.number(0))
        },
        Builtin(
            "scale", "by", family: "augmentations",
            "Of a data set or tensor: a stage that divides by its largest absolute value, so that pixels 0 to 255 become 0 to 1 (`divide_by_largest`). Of a number above 0: an augmentation that resizes each image by a random factor from 1 / by to by.",
            examples: [
                ("scale([[51, 255]])([[51, 255]])", "[[0.2, 1]]"), ("pairs(digits(), 8, augment = scale(1.2))", ""),
            ],
            seeAlso: ["standardize", "normalize", "pairs", "balanced"]
        ) { i, a in
            if case .number(let by) = a[0] {
                guard by > 0 else {
                    throw Diagnostic(
                        code: "argument.kind",
                        "scale expects a number above 0 to change the size of images by, and got \(formatNumber(by))")
                }
                return .thing(AugmentationThing(.scale(by: by), [by]))
            }
            guard let make = try i.session.globals.value("divide_by_largest") else { return .none }
            return try i.call(make, [a[0]])
        },
        change("shear", "degrees : number", "slanted sideways, up to `degrees` each way") {
            .shear(degrees: try $0.number(0))
        },
        change(
            "elastic", "alpha : number >= 0 = 8, sigma : number > 0 = 4",
            "by smooth random displacements, alpha high and sigma pixels wide (Simard, Steinkraus and Platt, 2003)"
        ) { .elastic(alpha: try $0.number(0), sigma: try $0.number(1)) },
        change(
            "cutout", "size : whole >= 0",
            "with a square of `size` pixels at a random place set to 0 (DeVries and Taylor, 2017)"
        ) {
            .cutout(size: try $0.integer(0, atLeast: 0))
        },
        change("mirror", "", "mirrored left to right with probability one half; `augment = flip` is the same") { _ in
            .flip
        },
    ]

    private static func change(
        _ name: String, _ signature: String, _ how: String,
        _ make: @escaping @Sendable (Arguments) throws -> Augmentation
    ) -> Builtin {
        Builtin(
            name, signature, family: "augmentations",
            "Each image changed at random: \(how). For a source: pairs(d, 32, augment = shift(2) >> rotate(10)); also noise(sd) and flip.",
            examples: [("pairs(digits(), 8, augment = \(name)(\(signature.isEmpty ? "" : "2")))", "")],
            seeAlso: ["pairs", "balanced"]
        ) { _, a in
            let made = try make(a)
            return .thing(AugmentationThing(made, try a.builtin.parameters.indices.map { try a.number($0) }))
        }
    }

    /// The augmentations that `augment =` names, where it is made of nothing else: alone, in a list or composed by >>.
    static func augmentations(_ i: Interpreter, _ v: Value, depth: Int = 0) throws -> [Augmentation]? {
        guard depth < 100 else { return nil }
        switch v {
        case .thing(let t as AugmentationThing): return [t.augmentation]
        case .builtin(let b) where b.name == "flip": return [.flip]
        case .list(let l):
            var all: [Augmentation] = []
            for item in l.items {
                guard let part = try augmentations(i, item, depth: depth + 1) else { return nil }
                all += part
            }
            return all
        case .layer(let l):
            if l.kind == "noise", let sd = l.arguments.first(where: { $0.name == "sd" }), case .number(let x) = sd.value
            {
                return [.noise(sd: x)]
            }
            switch l.form {
            case .function(let f): return try augmentations(i, f)
            case .pipeline(let stages): return try augmentations(i, Value(stages.map { .layer($0.layer) }))
            default: return nil
            }
        default: return nil
        }
    }
}
