import SiamInterpreter

extension Prompt {
    /// A prompt at a terminal, or for inputs that are piped in, with all commands.
    /// - Parameters:
    ///   - quiet: no greeting.
    ///   - plain: no line editing, even at a terminal.
    ///   - runsInit: whether the user's init file is run first.
    public convenience init(session: Session, output: TerminalOutput, quiet: Bool, plain: Bool, runsInit: Bool) {
        self.init(
            session: session, output: output, quiet: quiet, plain: plain, runsInit: runsInit, table: .standard)
    }

    /// A prompt of a front end without a terminal, which hands over the inputs, also while a run is paused, and shows the
    /// outputs.
    /// - Parameter ask: how a program's own questions are put to the user.
    public convenience init(
        session: Session, output: any PromptOutput, reader: any LineReader, ask: @escaping (String) -> String?
    ) {
        self.init(session: session, output: output, reader: reader, table: .standard, ask: ask)
    }
}
