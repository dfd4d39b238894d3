import SiamLanguage

/// All global names: the base (built-ins and prelude) and the user's own. A slot is a place in one array that never moves,
/// so that compiled code can address it directly.
public final class Globals: @unchecked Sendable {
    static let capacity = 1 << 16
    package let values: UnsafeMutablePointer<Value>
    public private(set) var names: [String] = []
    private var base: [String: Int] = [:]
    private var user: [String: Int] = [:]
    /// Where the user last assigned each slot, for messages: "made at tower.siam:5".
    var madeAt: [Int: Place] = [:]
    /// User slots that show a base definition, not a value of the user's.
    package var inherited = Set<Int>()
    /// Base slots whose definition is compiled at first use.
    var lazy: [Int: () throws -> Value] = [:]
    /// While set, names of the user's are those of this space.
    private var space: NameSpace?
    /// Functions and layers taken out of a slot while code may still be running them.
    var retired: [Value] = []

    public init() {
        values = UnsafeMutablePointer<Value>.allocate(capacity: Globals.capacity)
    }

    deinit {
        values.deinitialize(count: names.count)
        values.deallocate()
    }

    /// Lets go of every value and definition. Compiled code reads its slots no more: none of it may run again.
    func clear() {
        for slot in names.indices { values[slot] = .unbound }
        lazy = [:]
        retired = []
    }

    private func newSlot(_ name: String) throws -> Int {
        guard names.count < Globals.capacity else {
            throw Diagnostic(code: "name.many", "a session holds at most \(Globals.capacity) names")
        }
        // Only what has a name is made ready: the rest is memory that was never touched.
        (values + names.count).initialize(to: .unbound)
        names.append(name)
        return names.count - 1
    }

    package func defineBase(_ name: String, _ value: Value) {
        guard let slot = try? base[name] ?? newSlot(name) else { return }
        base[name] = slot
        values[slot] = value
    }

    package func defineLazy(_ name: String, _ make: @escaping () throws -> Value) {
        guard let slot = try? base[name] ?? newSlot(name) else { return }
        base[name] = slot
        lazy[slot] = make
    }

    /// The slot that prelude code means by a name.
    package func baseSlot(_ name: String) throws -> Int {
        if let slot = base[name] { return slot }
        let slot = try newSlot(name)
        base[name] = slot
        return slot
    }

    /// The slot that the user's code means by a name: the user's own, which reads through to the base while it is unassigned.
    package func userSlot(_ name: String) throws -> Int {
        if let space {
            if let slot = space.slots[name] { return slot }
            let slot = try newSlot(name)
            space.slots[name] = slot
            return slot
        }
        if let slot = user[name] { return slot }
        let slot = try newSlot(name)
        user[name] = slot
        return slot
    }

    /// Whether a slot is that of a name of the session's user.
    package func isUserSlot(_ slot: Int) -> Bool { slot < names.count && user[names[slot]] == slot }

    /// What is compiled in `body` has the names of a space of its own.
    package func within<T>(_ inner: NameSpace, _ body: () throws -> T) rethrows -> T {
        let outer = space
        space = inner
        defer { space = outer }
        return try body()
    }

    /// The value behind an unassigned slot: a base definition of that name, compiled now if it has not been used yet.
    package func resolve(_ slot: Int) throws -> Value? {
        if let make = lazy.removeValue(forKey: slot) {
            let value = try make()
            values[slot] = value
            return value
        }
        if case .unbound = values[slot] {} else { return values[slot] }
        guard slot < names.count, let under = base[names[slot]], under != slot else { return nil }
        return try resolve(under)
    }

    /// Bound names of the user, in order of their making.
    public var userNames: [String] {
        user.sorted { $0.value < $1.value }.compactMap {
            isUserName($0.key) && !Globals.isNumbered($0.key) ? $0.key : nil
        }
    }
    /// The names of numbered results, `_3`.
    public var numberedNames: [String] { user.keys.filter { Globals.isNumbered($0) && isUserName($0) } }
    static func isNumbered(_ name: String) -> Bool {
        name.utf8.count > 1 && name.utf8.first == 95 && name.utf8.dropFirst().allSatisfy { 48...57 ~= $0 }
    }
    public var baseNames: [String] { base.keys.filter { !$0.hasPrefix("__") }.sorted() }

    public func value(_ name: String) throws -> Value? {
        if let slot = user[name], let value = try resolve(slot) { return value }
        if let slot = base[name] { return try resolve(slot) }
        return nil
    }
    /// The value of a name without compiling anything for it: what completion may look at.
    public func valueIfReady(_ name: String) -> Value? {
        for table in [user, base] {
            if let slot = table[name] {
                if case .unbound = values[slot] { continue }
                return values[slot]
            }
        }
        return nil
    }
    /// What the library means by a name, whatever the user calls so.
    public func baseValue(_ name: String) throws -> Value? {
        guard let slot = base[name] else { return nil }
        return try resolve(slot)
    }
    /// The base definition of a name, where it needs no compiling.
    public func baseValueIfReady(_ name: String) -> Value? {
        guard let slot = base[name] else { return nil }
        if case .unbound = values[slot] { return nil }
        return values[slot]
    }
    /// Whether an operand is a global that holds what the library has under its name, and nothing of the user's.
    func isInherited(_ operand: UInt32) -> Bool {
        Operand.isGlobal(operand) && inherited.contains(Int(operand & Operand.mask))
    }
    public func isUserName(_ name: String) -> Bool {
        guard let slot = user[name], !inherited.contains(slot) else { return false }
        if case .unbound = values[slot] { return false }
        return true
    }

    /// Binds a name of the user.
    public func assign(_ name: String, _ value: Value) throws {
        let slot = try userSlot(name)
        values[slot] = value
        inherited.remove(slot)
    }

    /// Takes a name of the user's away.
    public func unbind(_ name: String) {
        guard let slot = user[name] else { return }
        values[slot] = .unbound
        madeAt[slot] = nil
    }

    /// The current values of the user's variables, to be restored if the statement fails.
    package struct Kept {
        var slots: [(Int, Value)]
        var made: [Int: Place]
    }
    /// Holds the functions and layers that have left the slots they had in `kept`, until no code runs any more. What is still
    /// in its place is held there, and runs and data are not held: a loop that trains would keep every run it made.
    package func retire(_ kept: Kept) {
        for (slot, value) in kept.slots {
            switch (value, values[slot]) {
            case (.function(let old), .function(let new)) where old === new: continue
            case (.layer(let old), .layer(let new)) where old === new: continue
            case (.function, _), (.layer, _): retired.append(value)
            default: break
            }
        }
    }
    package func keep() -> Kept { Kept(slots: user.values.map { ($0, values[$0]) }, made: madeAt) }
    package func restore(_ kept: Kept) {
        var known = Set<Int>()
        for (slot, value) in kept.slots {
            values[slot] = value
            known.insert(slot)
        }
        for slot in user.values where !known.contains(slot) { values[slot] = .unbound }
        madeAt = kept.made
    }
    /// Forgets all names of the user.
    public func reset() {
        for slot in user.values { values[slot] = .unbound }
        inherited = []
        madeAt = [:]
    }
}

/// Names of functions that came out of a file, with the slots that they have.
package final class NameSpace {
    fileprivate(set) var slots: [String: Int] = [:]

    package init() {}
}
