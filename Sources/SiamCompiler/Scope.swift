import SiamInterpreter
import SiamLanguage

/// The variables of one function while it is compiled. Chunks (bodies of `train`, `sweep`, ...) share their function's.
final class Scope {
    enum Place {
        case register(Int)
        /// A register that holds a cell.
        case cell(Int)
        /// A cell captured from an outer function.
        case capture(Int)
        /// A parameter, state or part of the layer being defined.
        case member(Int)
        case global(Int)
    }

    let parent: Scope?
    /// Code at the top of a file: its variables are globals.
    let isTop: Bool
    var locals: [String: Int] = [:]
    var cells: Set<String> = []
    /// Loop variables of comprehensions, innermost last.
    var overlays: [(name: String, register: Int, isCell: Bool)] = []
    var members: [String: Int] = [:]
    var captures: [String] = []
    /// For each capture: a register of the parent (>= 0) or a capture of the parent (-1 - i).
    var captureSources: [Int] = []
    var nextRegister = 0
    var maxRegister = 0

    init(parent: Scope?, isTop: Bool) {
        self.parent = parent
        self.isTop = isTop
    }

    func take(_ count: Int = 1) -> Int {
        let r = nextRegister
        nextRegister += count
        maxRegister = max(maxRegister, nextRegister)
        return r
    }

    /// Where a name lives here, nil for a global.
    func find(_ name: String) -> Place? {
        for o in overlays.reversed() where o.name == name {
            return o.isCell ? .cell(o.register) : .register(o.register)
        }
        if let r = locals[name] { return cells.contains(name) ? .cell(r) : .register(r) }
        if let m = members[name] { return .member(m) }
        if let i = captures.firstIndex(of: name) { return .capture(i) }
        guard let parent, let outer = parent.find(name) else { return nil }
        switch outer {
        case .global: return nil
        case .member(let m): return .member(m)
        case .cell(let r):
            captures.append(name)
            captureSources.append(r)
            return .capture(captures.count - 1)
        case .capture(let i):
            captures.append(name)
            captureSources.append(-1 - i)
            return .capture(captures.count - 1)
        case .register:
            // The scan puts every variable that an inner function uses into a cell; one that is not there is not this one.
            return nil
        }
    }
}
