import SiamRuntime

extension Figures {
    static let writing: [Builtin] = []
}
