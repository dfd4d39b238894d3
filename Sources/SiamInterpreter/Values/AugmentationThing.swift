import SiamData
import SiamLanguage
import SiamTensor

/// A random change of images: called with images it gives the changed ones; handed to a source as `augment` it is made with
/// each batch.
public final class AugmentationThing: Thing, @unchecked Sendable {
    public let augmentation: Augmentation
    package let numbers: [Double]
    public init(_ augmentation: Augmentation, _ numbers: [Double]) {
        self.augmentation = augmentation
        self.numbers = numbers
    }
    public override var kindName: String { "an augmentation" }
    public override var summary: String {
        "\(augmentation.word)(\(numbers.map { formatNumber($0) }.joined(separator: ", ")))"
    }
    public override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? {
        guard arguments.count == 1, let x = Interpreter.tensor(arguments[0]) else {
            throw Diagnostic(code: "augment.images", "\(summary) changes one tensor of images")
        }
        return .tensor(try augmentation.applied(to: x.detached(), &interpreter.session.stream))
    }
}
