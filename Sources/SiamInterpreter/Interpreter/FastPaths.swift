import SiamGradient
import SiamTensor

/// Fast paths for the common cases of elements, fields, records and lists. Where a fast path does not apply, it returns
/// false and has changed nothing; the general code then does the work or reports the error.
extension Interpreter {
    /// target = source[selector].
    @inline(never)
    func pick(_ source: Slot, _ selector: Slot, _ target: Slot) -> Bool {
        switch source.pointee {
        case .list:
            guard case .number(let x) = selector.pointee else { return false }
            return source.held(List.self)._withUnsafeGuaranteedRef { l in
                guard let k = place(x, l.items.count) else { return false }
                target.put(l.items[k])
                return true
            }
        case .record:
            guard case .text = selector.pointee else { return false }
            return source.held(Record.self)._withUnsafeGuaranteedRef { r in
                selector.held(Text.self)._withUnsafeGuaranteedRef { r.give($0.string, to: target) }
            }
        case .tensor:
            guard case .number(let x) = selector.pointee else { return false }
            return source.held(Tensor.self)._withUnsafeGuaranteedRef { t in
                guard t.rank == 1, !t.isTracked, let k = place(x, t.count) else { return false }
                target.set(t.element(k))
                return true
            }
        default: return false
        }
    }
    /// A whole number from 0 on, below the count.
    @inline(__always)
    private func place(_ x: Double, _ count: Int) -> Int? {
        guard x >= 0, x < Double(count) else { return nil }
        let k = Int(x)
        return Double(k) == x ? k : nil
    }

    /// target = source.name, of a record.
    @inline(never)
    func pickField(_ source: Slot, _ name: UnsafeMutablePointer<String>, _ target: Slot) -> Bool {
        guard case .record = source.pointee else { return false }
        return source.held(Record.self)._withUnsafeGuaranteedRef { $0.give(name.pointee, to: target) }
    }

    /// A record of names that differ; the names are a constant's.
    @inline(never)
    func makePlainRecord(_ names: Slot, _ window: Slot, _ target: Slot) {
        guard case .record = names.pointee else { return }
        let made = names.held(Record.self)._withUnsafeGuaranteedRef { Record($0.names, from: window) }
        target.pointee = .record(made)
    }

    /// One element more for a list that no one else holds.
    @inline(never)
    func extend(_ list: Slot, _ value: Slot) -> Bool {
        guard case .list = list.pointee else { return false }
        if case .unbound = value.pointee { return false }
        let new = value.pointee
        // Now and then the memory is asked for, which the general way does.
        guard isKnownUniquelyReferenced(&list.unique(List.self).pointee) else { return false }
        return list.held(List.self)._withUnsafeGuaranteedRef { l in
            guard l.items.count & 0xFFFF != 0xFFFF else { return false }
            l.items.append(new)
            return true
        }
    }

    /// Calls a function with one value many times without setting up its frame each time.
    package func caller(_ f: Value) -> (Value) throws -> Value {
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

    /// The object that the slot refers to, without retaining it: the slot keeps it alive. A payload of one reference
    /// comes first in memory.
    @inline(__always)
    func held<T: AnyObject>(_ kind: T.Type) -> Unmanaged<T> { UnsafeRawPointer(self).load(as: Unmanaged<T>.self) }
    @inline(__always)
    func unique<T: AnyObject>(_ kind: T.Type) -> UnsafeMutablePointer<T> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: T.self)
    }

    @inline(__always)
    var isStandardPush: Bool {
        guard case .builtin = pointee else { return false }
        return held(Builtin.self)._withUnsafeGuaranteedRef { $0.name == "push" }
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

/// The state of a `for` loop.
final class Walk: Thing, @unchecked Sendable {
    private let further: (() throws -> Value?)?
    private let items: [Value]
    private let numbers: Tensor?
    private let count: Int
    private var place = 0

    init(_ value: Value, _ interpreter: Interpreter) throws {
        var (items, numbers): ([Value], Tensor?) = ([], nil)
        var isShort = true
        switch value {
        case .list(let l): items = l.items
        case .tensor(let t) where t.rank == 1 && !t.isTracked: numbers = t
        default: isShort = false
        }
        self.items = items
        self.numbers = numbers
        count = numbers?.count ?? items.count
        further = isShort ? nil : try interpreter.iterator(value)
    }

    /// Puts the next value into a slot where that is a short matter.
    @inline(__always)
    func step(into slot: UnsafeMutablePointer<Value>) -> Bool {
        guard place < count else { return false }
        if place < items.count { slot.put(items[place]) } else if let numbers { slot.set(numbers.element(place)) }
        place &+= 1
        return true
    }
    /// Room for as many elements as there are to come, so that the list does not move while it grows.
    func reserve(_ list: List) {
        let most = 1 << 22
        guard further == nil, count > 1 << 8, count <= most else { return }
        // Without room it grows as far as it may.
        if (try? Memory.ask(count, of: MemoryLayout<Value>.stride, for: "a list")) != nil {
            list.items.reserveCapacity(count)
        }
    }
    func next() throws -> Value? {
        guard let further else {
            var value = Value.none
            return withUnsafeMutablePointer(to: &value) { step(into: $0) } ? value : nil
        }
        return try further()
    }
}
