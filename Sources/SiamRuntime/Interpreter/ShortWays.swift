import SiamGradient
import SiamTensor

/// The common cases of elements, fields, records and lists, without what they cost in general: where one does not apply
/// false is the answer, nothing has changed, and the general way does it, or says what is wrong.
extension Interpreter {
    /// target = source[selector].
    @inline(never)
    func pick(_ source: Slot, _ selector: Slot, _ target: Slot) -> Bool {
        switch source.pointee {
        case .list(let l):
            guard case .number(let x) = selector.pointee, x >= 0, x < Double(l.items.count) else { return false }
            let k = Int(x)
            guard Double(k) == x else { return false }
            target.put(l.items[k])
            return true
        case .record(let r):
            guard case .text(let name) = selector.pointee, let value = r.own(name.string) else { return false }
            target.put(value)
            return true
        case .tensor(let t):
            guard case .number(let x) = selector.pointee, t.rank == 1, !t.isTracked, x >= 0, x < Double(t.count) else {
                return false
            }
            let k = Int(x)
            guard Double(k) == x else { return false }
            target.set(t.element(k))
            return true
        default: return false
        }
    }

    /// target = source.name, of a record.
    @inline(never)
    func pickField(_ source: Slot, _ name: String, _ target: Slot) -> Bool {
        guard case .record(let r) = source.pointee, let value = r.own(name) else { return false }
        target.put(value)
        return true
    }

    /// A record of names that differ; the names are a constant's.
    @inline(never)
    func makePlainRecord(_ names: Slot, _ window: Slot, _ target: Slot) {
        guard case .record(let named) = names.pointee else { return }
        target.pointee = .record(Record(named.names, from: window))
    }

    /// One element more for a list that no one else holds.
    @inline(never)
    func extend(_ list: Slot, _ value: Slot) -> Bool {
        let new = value.pointee
        if case .unbound = new { return false }
        guard case .list = list.pointee else { return false }
        return UnsafeMutableRawPointer(list).withMemoryRebound(to: List.self, capacity: 1) { held in
            guard isKnownUniquelyReferenced(&held.pointee) else { return false }
            // Now and then the memory is asked for, which the general way does.
            let count = held.pointee.items.count
            guard count & 0xFFFF != 0xFFFF else { return false }
            held.pointee.items.append(new)
            return true
        }
    }

    /// What calls a function with one value again and again, without making its frame anew each time.
    func caller(_ f: Value) -> (Value) throws -> Value {
        guard case .function(let function) = f, function.parameterCount == 1 else { return { try self.call(f, [$0]) } }
        let base = top
        let code = function.code
        return { [self] value in
            guard hasRoom(base + code.registerCount) else { throw recursion() }
            stack[base] = value
            for r in base + 1..<max(base + 1, base + code.localCount) { stack[r] = .unbound }
            switch try enter(code, base: base, function: function, layer: function.layer) {
            case .returned(let v): return v
            case .ended(_, let v): return v
            }
        }
    }
}

extension UnsafeMutablePointer where Pointee == Value {
    /// The number in a slot that is known to hold one.
    @inline(__always)
    var known: Double { UnsafeRawPointer(self).load(as: Double.self) }

    @inline(__always)
    func put(_ value: Value) {
        if case .number(let x) = value { set(x) } else { pointee = value }
    }

    /// The loop in the slot, uncounted.
    @inline(__always)
    var walkReference: Unmanaged<Walk>? {
        guard case .thing = pointee else { return nil }
        // Only a loop's first register is asked, which holds nothing else while the loop runs.
        return UnsafeRawPointer(self).load(as: Unmanaged<Walk>.self)
    }

    var isStandardPush: Bool {
        guard case .builtin(let f) = pointee else { return false }
        return f.name == "push"
    }
}

extension Tensor {
    /// The k-th element as a number of the language.
    func element(_ k: Int) -> Double {
        let x = self[k]
        guard precision == .single, x.isFinite, x != x.rounded() else { return x }
        return Double(Float(x).description) ?? x
    }
}

/// A `for` loop on its way.
final class Walk: Thing, @unchecked Sendable {
    private let further: (() throws -> Value?)?
    private let list: List?
    private let numbers: Tensor?
    private let count: Int
    private var place = 0

    init(_ value: Value, _ interpreter: Interpreter) throws {
        var (list, numbers, count): (List?, Tensor?, Int) = (nil, nil, 0)
        switch value {
        case .list(let l): (list, count) = (l, l.items.count)
        case .tensor(let t) where t.rank == 1 && !t.isTracked: (numbers, count) = (t, t.count)
        default: break
        }
        self.list = list
        self.numbers = numbers
        self.count = count
        further = list == nil && numbers == nil ? try interpreter.iterator(value) : nil
    }

    /// Puts the next value into a slot where that is a short matter.
    @inline(__always)
    func step(into slot: UnsafeMutablePointer<Value>) -> Bool {
        guard place < count else { return false }
        if let list { slot.put(list.items[place]) } else if let numbers { slot.set(numbers.element(place)) }
        place &+= 1
        return true
    }
    func next() throws -> Value? {
        guard let further else {
            var value = Value.none
            return withUnsafeMutablePointer(to: &value) { step(into: $0) } ? value : nil
        }
        return try further()
    }
}
