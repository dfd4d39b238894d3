import Glibc
import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime

/// The kernel specification for Jupyter.
public enum KernelSpec {
    /// Writes the description, and the colours of cells beside it; the folder that the description is in.
    /// - Parameter prefix: nil for this user alone.
    public static func install(prefix: String?) throws -> String {
        let base: String
        if let prefix {
            base = StateFolder.expanded(prefix) + "/share/jupyter"
        } else if let data = Environment.value("JUPYTER_DATA_DIR") {
            base = data
        } else {
            base = (Environment.value("XDG_DATA_HOME") ?? StateFolder.expanded("~/.local/share")) + "/jupyter"
        }
        let folder = base + "/kernels/siam"
        make(folder)
        try Files.write(Array((spec.line + "\n").utf8), to: folder + "/kernel.json")
        try Files.write(Array(logo.utf8), to: folder + "/logo-svg.svg")
        let colors = base + "/labextensions/siam-lab"
        make(colors + "/static")
        try Files.write(Array((package.line + "\n").utf8), to: colors + "/package.json")
        try Files.write(Array(EditorGrammars.jupyterLab.utf8), to: colors + "/static/remoteEntry.js")
        return folder
    }

    /// The highlighting settings for JupyterLab.
    private static var package: JSON {
        .record([
            "name": .text("siam-lab"), "version": .text(Version.number), "description": .text("The colours of siam."),
            "jupyterlab": .record([
                "extension": .bool(true),
                "_build": .record(["load": .text("static/remoteEntry.js"), "extension": .text("./extension")]),
            ]),
        ])
    }

    private static func make(_ folder: String) {
        if mkdir(folder, 0o755) == 0 || errno == EEXIST { return }
        if let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
            make(String(folder[..<slash]))
            mkdir(folder, 0o755)
        }
    }

    static var spec: JSON {
        .record([
            "argv": .texts([program, "kernel", "-f", "{connection_file}"]), "display_name": .text("siam"),
            "language": .text("siam"), "interrupt_mode": .text("message"),
            "kernel_protocol_version": .text(KernelMessage.version),
        ])
    }

    /// Where this program lies; its name alone where that is not known. What starts siam through a loader of its own, as the
    /// archive with all libraries does, says where by SIAM_PROGRAM.
    private static var program: String {
        if let named = Environment.value("SIAM_PROGRAM") { return named }
        guard let path = realpath("/proc/self/exe", nil) else { return "siam" }
        defer { free(path) }
        return String(cString: path)
    }

    /// Two towers that share their weights, and what they meet in.
    private static let logo = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><g fill="none" stroke="#3a6ea5" stroke-width="5">\
        <path d="M16 8v24l16 16l16-16V8"/><path d="M16 20h32" stroke="#c8553d"/></g>\
        <circle cx="32" cy="52" r="6" fill="#c8553d"/></svg>

        """
}
