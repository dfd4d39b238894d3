import Glibc
import SiamTensor

/// A learning rate as a function of the step (from 0): one of the table's rows with its numbers.
public struct Schedule: Sendable, Equatable {
    public struct Declaration: Sendable {
        public let name: String
        public let parameters: [(name: String, defaultValue: Double?)]
        public let help: String
    }
    public let name: String
    public let numbers: [Double]

    /// What a parameter takes, in the words of a signature. A factor above 1 lets the rate grow, as for finding one.
    public static func takes(_ parameter: String) -> String {
        switch parameter {
        case "steps", "every": "number >= 1"
        case "factor": "number >= 0 <= 2"
        default: "number >= 0"
        }
    }

    public static let all: [Declaration] = [
        Declaration(name: "constant", parameters: [("lr", nil)], help: "The same learning rate lr at every step."),
        Declaration(
            name: "cosine", parameters: [("lr", nil), ("steps", nil), ("floor", 0)],
            help: "floor + (lr - floor) (1 + cos(pi step / steps)) / 2, then floor (Loshchilov and Hutter, 2017)."),
        Declaration(
            name: "stairs", parameters: [("lr", nil), ("every", nil), ("factor", 0.1)],
            help: "lr factor ^ floor(step / every)."),
        Declaration(
            name: "warmup", parameters: [("lr", nil), ("steps", nil)], help: "lr (step + 1) / steps, then lr."),
        Declaration(name: "exponential", parameters: [("lr", nil), ("factor", nil)], help: "lr factor ^ step."),
    ]

    public init(_ name: String, _ numbers: [Double]) throws {
        guard let row = Schedule.all.first(where: { $0.name == name }) else {
            throw EngineError(code: "schedule.name", message: "no schedule is called \(name)")
        }
        guard numbers.count <= row.parameters.count else {
            throw EngineError(
                code: "schedule.numbers",
                message: "\(name) takes \(row.parameters.count) numbers, and got \(numbers.count)")
        }
        var all = numbers
        for p in row.parameters[numbers.count...] {
            guard let defaultValue = p.defaultValue else {
                throw EngineError(code: "schedule.numbers", message: "\(name) needs \(p.name)")
            }
            all.append(defaultValue)
        }
        self.name = name
        self.numbers = all
    }

    public func value(at step: Int) -> Double {
        let (lr, s) = (numbers[0], Double(step))
        switch name {
        case "cosine":
            let (steps, floor) = (numbers[1], numbers[2])
            return s >= steps ? floor : floor + (lr - floor) * (1 + cos(Double.pi * s / steps)) / 2
        case "stairs": return numbers[1] > 0 ? lr * pow(numbers[2], (s / numbers[1]).rounded(.down)) : lr
        case "warmup": return s + 1 >= numbers[1] ? lr : lr * (s + 1) / numbers[1]
        case "exponential": return lr * pow(numbers[1], s)
        default: return lr
        }
    }
}
