import Glibc

/// Keeps the terminal from writing `^C` into what a program draws, while the prompt lasts.
enum TerminalEcho {
    private static func setting(_ on: Bool) -> Bool {
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { return false }
        let was = modes.c_lflag & tcflag_t(ECHOCTL) != 0
        if on { modes.c_lflag |= tcflag_t(ECHOCTL) } else { modes.c_lflag &= ~tcflag_t(ECHOCTL) }
        tcsetattr(STDIN_FILENO, TCSANOW, &modes)
        return was
    }
    nonisolated(unsafe) private static var wasShown = false

    static func hideControls() { wasShown = setting(false) }
    static func restore() { if wasShown { _ = setting(true) } }
}
