// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Kernels are C loops that must be fast in debug builds and tests too, hence the flags; no instruction set is
/// named here: the kernels choose theirs at run time.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"])]
/// What users run (`scripts/siam`, packages) is optimised in all rooms, and those where programs spend their time across
/// modules. Builds of those who work on siam optimise only rooms whose work users wait for; `SIAM_SHIPPED=all` optimises every
/// room by itself, for tests.
let shipped = ProcessInfo.processInfo.environment["SIAM_SHIPPED"] ?? ""
let isShipped = shipped == "1"
/// How a room is compiled in release. The optimiser works on a whole module in one thread; file by file both cores work, and an
/// edit costs its file alone, for the same CPU seconds (SiamGradient: 15.0 s by the clock as a whole, 8.0 s by files).
enum Optimisation {
    /// As one module, so that small functions of one file become part of the loops of another: where programs spend their time.
    case whole
    /// File by file: what is called once a statement, a step or a figure.
    case byFile
    /// Not at all, outside of shipped builds: exchange, prompt, lessons and doors make a user wait for nothing.
    case none

    var settings: [SwiftSetting] {
        // SwiftPM asks for threads, which a compiler that works file by file warns of.
        let byFile = ["-no-whole-module-optimization", "-enable-batch-mode", "-num-threads", "0"]
        let more =
            switch self {
            case .whole: isShipped ? ["-cross-module-optimization"] : []
            case .byFile: byFile
            case .none: byFile + (shipped.isEmpty ? ["-Onone"] : [])
            }
        return [.unsafeFlags(["-enforce-exclusivity=unchecked"] + more, .when(configuration: .release))]
    }
}

/// The commit for `siam --version`: named by what builds for users, since a new commit would rebuild for all others.
let commit = ProcessInfo.processInfo.environment["SIAM_COMMIT"] ?? ""

/// One target of the house. A target imports only what stands above it in this list; the comment above it is its line in
/// the picture of the house, which scripts/house draws from this file.
func room(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], _ optimisation: Optimisation = .none
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: optimisation.settings)
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
        room("SiamTensor", ["CKernels"], .whole),
        // The table of operators with their gradients; the tape.
        room("SiamGradient", ["SiamTensor"], .whole),
        // Parameters, initialisers, optimizers, schedules.
        room("SiamLearning", ["SiamGradient", "SiamTensor"], .whole),
        // Data sets, samplers, readers and writers of files.
        room("SiamData", ["CCodecs", "SiamTensor"], .whole),
        // ONNX models, read and written; logs for TensorBoard.
        room("SiamExchange", ["SiamData", "SiamTensor"]),
        // Text to tree: lexer, parser, diagnostics, formatter, checks.
        room("SiamLanguage", [], .none),
        // Tree to values: compiler, interpreter, built-ins, training.
        room(
            "SiamRuntime",
            [
                "SiamLanguage", "SiamExchange", "SiamData", "SiamLearning", "SiamGradient", "SiamTensor", "CKernels",
                "CPrelude",
            ], exclude: ["Prelude"], .whole),
        // Shapes of a program without running it: what siam check and editors find.
        room(
            "SiamShapes", ["SiamRuntime", "SiamLanguage", "SiamData", "SiamGradient", "SiamTensor"], .none),
        // Looking inside nets and runs; the doctor and its rules.
        room(
            "SiamLab",
            ["SiamRuntime", "SiamLanguage", "SiamData", "SiamLearning", "SiamGradient", "SiamTensor"], .none),
        // A folder of results that many workers share.
        room("SiamCluster", ["SiamRuntime", "SiamLanguage", "SiamData", "SiamTensor"]),
        // Figures in the terminal, as SVG and PNG; the report of a run.
        room(
            "SiamFigures",
            ["SiamLab", "SiamRuntime", "SiamLanguage", "SiamExchange", "SiamData", "SiamGradient", "SiamTensor"],
            .none),
        // Lessons, tests that are programs, the reference.
        room("SiamLessons", ["CLessons", "SiamFigures", "SiamLab", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        // The prompt: editing, completion, history, commands.
        room(
            "SiamPrompt",
            [
                "CEditline", "CKernels", "CVersion", "SiamTensor", "SiamLessons", "SiamFigures", "SiamLab",
                "SiamRuntime", "SiamLanguage",
            ]),
        // Other front doors: notebooks, editors, assistants.
        room(
            "SiamDoors",
            [
                "CEditline", "CKernels", "SiamPrompt", "SiamLessons", "SiamFigures", "SiamLab", "SiamShapes",
                "SiamRuntime", "SiamData", "SiamLanguage", "SiamTensor",
            ]),
        // The command line.
        .executableTarget(
            name: "siam",
            dependencies: [
                "CEditline", "SiamDoors", "SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamCluster",
                "SiamShapes", "SiamRuntime", "SiamLanguage", "SiamData",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: Optimisation.none.settings),
        tests("SiamTensorTests", ["CKernels", "SiamTensor"]),
        tests("SiamGradientTests", ["SiamGradient", "SiamTensor"]),
        tests("SiamLearningTests", ["SiamLearning", "SiamGradient", "SiamTensor"]),
        tests("SiamDataTests", ["SiamData", "SiamTensor"]),
        tests("SiamLanguageTests", ["SiamLanguage"]),
        tests("SiamFiguresTests", ["SiamFigures", "SiamRuntime", "SiamLanguage", "SiamData", "SiamTensor"]),
        tests(
            "SiamProgramTests",
            [
                "SiamPrompt", "SiamLessons", "SiamShapes", "SiamRuntime", "SiamGradient", "SiamLanguage", "SiamTensor",
                "siam",
            ]),
        tests(
            "SiamPromptTests",
            ["SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamRuntime", "SiamLanguage", "siam"]),
        tests(
            "SiamDoorsTests",
            [
                "SiamDoors", "SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamShapes", "SiamRuntime",
                "SiamData", "SiamLanguage",
            ]),
        tests("SiamMetricTests", ["SiamLessons", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        tests("SiamLessonsTests", ["SiamLessons", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        tests(
            "SiamTrainingTests",
            [
                "SiamLessons", "SiamRuntime", "SiamLearning", "SiamGradient", "SiamData", "SiamLanguage", "SiamTensor",
            ]),
        tests("SiamExchangeTests", ["SiamLessons", "SiamLab", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        tests("SiamClusterTests", ["SiamCluster", "SiamRuntime", "SiamLanguage", "siam"]),
        tests("SiamLabTests", ["SiamLab", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
    ]
)
