// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Kernels are C loops that must be fast in debug builds and tests too, hence the flags; no instruction set is
/// named here: the kernels choose theirs at run time.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"])]
/// What users run (`scripts/siam`, packages: `SIAM_SHIPPED=1`) is optimised in all targets, and those where programs spend their
/// time also across modules. Tests optimise every target by itself (`SIAM_SHIPPED=all`). A plain release build is for developers
/// of siam: it optimises only the code that a program runs millions of times, since compiling with the optimiser takes four times
/// as long (SiamLanguage 33 s instead of 8 s, SiamLab 40 s instead of 9 s).
let shipped = ProcessInfo.processInfo.environment["SIAM_SHIPPED"] ?? ""

/// How much of a program's time is spent in a target.
enum Share {
    /// Loops over numbers, instructions and nodes: optimised in every release build.
    case most
    /// Code that runs once for each step, file or call: optimised in what users run, and there across modules too.
    case some
    /// Code that takes milliseconds altogether.
    case little

    var flags: [SwiftSetting] {
        let across = shipped == "1" && self != .little ? ["-cross-module-optimization"] : []
        let plain = shipped.isEmpty && self != .most ? ["-Onone"] : []
        return [
            .unsafeFlags(["-enforce-exclusivity=unchecked"] + across + plain, .when(configuration: .release))
        ]
    }
}

/// The commit for `siam --version`. Only builds for users set it, since otherwise each new commit would cause a rebuild.
let commit = ProcessInfo.processInfo.environment["SIAM_COMMIT"] ?? ""

/// A Swift target. A target imports only targets above it in this list; the comment above it is its description in the picture
/// of the architecture, which scripts/house draws from this file.
func layer(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], share: Share = .little
) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: share.flags)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: [], swiftSettings: [])
}

let package = Package(
    name: "siam",
    products: [.executable(name: "siam", targets: ["siam"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // Line editing (libedit), signals, the terminal.
        .target(name: "CEditline", linkerSettings: [.linkedLibrary("edit")]),
        // The version and the commit.
        .target(name: "CVersion", cSettings: commit.isEmpty ? [] : [.define("SIAM_COMMIT", to: commit)]),
        // The library in siam itself, as bytes of the binary.
        .target(name: "CPrelude"),
        // The pages of the lessons, as bytes of the binary.
        .target(name: "CLessons"),
        // Loops over numbers, threads, oneDNN, LAPACK.
        .target(
            name: "CKernels", cSettings: kernelFlags,
            linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("m"), .linkedLibrary("dl")]),
        // PNG, JPEG, deflate, whole files; the shipped digits.
        .target(
            name: "CCodecs", cSettings: kernelFlags,
            linkerSettings: [.linkedLibrary("z"), .linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("dl")]),
        // Tensors, shapes, storage, threads, the random stream.
        layer("SiamTensor", ["CKernels"], share: .most),
        // The table of operators with their gradients; the tape.
        layer("SiamGradient", ["SiamTensor"], share: .most),
        // Parameters, initialisers, optimizers, schedules.
        layer("SiamLearning", ["SiamGradient", "SiamTensor"], share: .most),
        // Data sets, samplers, augmentations; whole files.
        layer("SiamData", ["CCodecs", "SiamTensor"], share: .most),
        // Readers and writers of files: tables, arrays, pictures, archives.
        layer("SiamFormats", ["CCodecs", "SiamData", "SiamTensor"], share: .some),
        // ONNX models, read and written; logs for TensorBoard.
        layer("SiamExchange", ["SiamFormats", "SiamData", "SiamTensor"]),
        // Text to tree: lexer, parser, diagnostics, formatter, checks.
        layer("SiamLanguage", []),
        // Values; the loop over instructions, calls, nets applied.
        layer(
            "SiamInterpreter",
            ["SiamLanguage", "SiamData", "SiamLearning", "SiamGradient", "SiamTensor", "CKernels"], share: .most),
        // Measures of nets and embeddings; which pairs of a batch to learn from.
        layer(
            "SiamMeasures",
            ["SiamInterpreter", "SiamLanguage", "SiamFormats", "SiamData", "SiamGradient", "SiamTensor"], share: .most),
        // Compiler: a tree becomes instructions; the library in siam.
        layer(
            "SiamCompiler", ["SiamInterpreter", "SiamLanguage", "SiamTensor", "CPrelude"], exclude: ["Prelude"],
            share: .some),
        // Training, stored outcomes, sessions that run programs.
        layer(
            "SiamRuntime",
            [
                "SiamCompiler", "SiamInterpreter", "SiamLanguage", "SiamExchange", "SiamFormats", "SiamData",
                "SiamLearning", "SiamGradient", "SiamTensor", "CKernels",
            ], share: .most),
        // The other functions of the language that are written in Swift.
        layer(
            "SiamBuiltins",
            [
                "SiamCompiler", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamExchange", "SiamFormats",
                "SiamData",
                "SiamLearning",
                "SiamGradient", "SiamTensor",
            ], share: .some),
        // Shapes of a program without running it: what siam check and editors find.
        layer(
            "SiamShapes",
            [
                "SiamCompiler", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats", "SiamData",
                "SiamGradient", "SiamTensor",
            ]),
        // Looking inside nets and runs; the doctor and its rules.
        layer(
            "SiamLab",
            [
                "SiamMeasures", "SiamBuiltins", "SiamCompiler", "SiamRuntime", "SiamInterpreter", "SiamLanguage",
                "SiamFormats",
                "SiamData",
                "SiamLearning",
                "SiamGradient", "SiamTensor",
            ]),
        // A folder of results that many workers share.
        layer("SiamCluster", ["SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamData", "SiamTensor"]),
        // Figures in the terminal, as SVG, PDF and PNG.
        layer(
            "SiamFigures",
            [
                "SiamMeasures", "SiamBuiltins", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats",
                "SiamData",
                "SiamGradient",
                "SiamTensor",
            ]),
        // Reports of runs and embeddings, logs for TensorBoard; all built-ins together.
        layer(
            "SiamReports",
            [
                "SiamFigures", "SiamLab", "SiamMeasures", "SiamBuiltins", "SiamRuntime", "SiamInterpreter",
                "SiamLanguage",
                "SiamExchange", "SiamFormats", "SiamData", "SiamGradient", "SiamTensor",
            ]),
        // Lessons, tests that are programs, the reference.
        layer(
            "SiamLessons",
            ["CLessons", "SiamReports", "SiamFigures", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
        // The prompt: editing, completion, history, commands.
        layer(
            "SiamPrompt",
            [
                "CEditline", "CKernels", "CVersion", "SiamTensor", "SiamLessons", "SiamReports", "SiamFigures",
                "SiamRuntime", "SiamInterpreter", "SiamLanguage",
            ]),
        // Servers for notebooks, editors and assistants.
        layer(
            "SiamServers",
            [
                "CEditline", "CKernels", "SiamPrompt", "SiamLessons", "SiamReports", "SiamFigures", "SiamLab",
                "SiamShapes", "SiamCompiler", "SiamRuntime", "SiamInterpreter", "SiamFormats", "SiamData",
                "SiamLanguage", "SiamTensor",
            ]),
        // The command line.
        .executableTarget(
            name: "siam",
            dependencies: [
                "CEditline", "SiamServers", "SiamPrompt", "SiamLessons", "SiamReports", "SiamLab", "SiamFigures",
                "SiamCluster",
                "SiamShapes", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats", "SiamData",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: Share.little.flags),
        tests("SiamTensorTests", ["CKernels", "SiamTensor"]),
        tests("SiamGradientTests", ["SiamGradient", "SiamTensor"]),
        tests("SiamLearningTests", ["SiamLearning", "SiamGradient", "SiamTensor"]),
        tests("SiamDataTests", ["SiamFormats", "SiamData", "SiamTensor"]),
        tests("SiamLanguageTests", ["SiamLanguage"]),
        tests(
            "SiamFiguresTests",
            [
                "SiamReports", "SiamFigures", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats",
                "SiamData", "SiamTensor",
            ]),
        tests(
            "SiamProgramTests",
            [
                "SiamPrompt", "SiamLessons", "SiamLab", "SiamShapes", "SiamRuntime", "SiamInterpreter",
                "SiamGradient",
                "SiamLanguage",
                "SiamTensor", "siam",
            ]),
        tests(
            "SiamPromptTests",
            [
                "SiamPrompt", "SiamLessons", "SiamReports", "SiamFigures", "SiamRuntime", "SiamInterpreter",
                "SiamLanguage",
                "siam",
            ]),
        tests(
            "SiamServersTests",
            [
                "SiamServers", "SiamPrompt", "SiamLessons", "SiamReports", "SiamFigures", "SiamShapes", "SiamRuntime",
                "SiamInterpreter",
                "SiamFormats", "SiamData", "SiamLanguage",
            ]),
        tests(
            "SiamMetricTests",
            ["SiamLessons", "SiamCompiler", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
        tests("SiamLessonsTests", ["SiamLessons", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
        tests(
            "SiamTrainingTests",
            [
                "SiamLessons", "SiamLab", "SiamCompiler", "SiamRuntime", "SiamInterpreter", "SiamLearning",
                "SiamGradient",
                "SiamData",
                "SiamLanguage",
                "SiamTensor",
            ]),
        tests(
            "SiamExchangeTests",
            ["SiamLessons", "SiamLab", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
        tests(
            "SiamClusterTests",
            ["SiamCluster", "SiamBuiltins", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "siam"]),
        tests("SiamLabTests", ["SiamLab", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
    ]
)
