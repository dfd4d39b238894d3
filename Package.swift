// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Kernels are C loops that must be fast in debug builds and tests too, hence the flags; no instruction set is
/// named here: the kernels choose theirs at run time.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"])]
/// What users run (`scripts/siam`, packages: `SIAM_SHIPPED=1`) is optimised in all rooms, and those where programs spend their
/// time also across modules. Tests optimise every room by itself (`SIAM_SHIPPED=all`). A plain release build is for those who
/// work on siam: it optimises only what a program does millions of times, since the optimiser takes four times as long as the
/// compiler without it (SiamLanguage 33 s and 8 s, SiamLab 40 s and 9 s).
let shipped = ProcessInfo.processInfo.environment["SIAM_SHIPPED"] ?? ""

/// How much of a program's time is spent in a room.
enum Share {
    /// Loops over numbers, instructions and nodes: optimised in every release build.
    case most
    /// What each step, file or call does once: optimised in what users run, there across modules too.
    case some
    /// What a user waits milliseconds for.
    case little

    var flags: [SwiftSetting] {
        let across = shipped == "1" && self != .little ? ["-cross-module-optimization"] : []
        let plain = shipped.isEmpty && self != .most ? ["-Onone"] : []
        return [
            .unsafeFlags(["-enforce-exclusivity=unchecked"] + across + plain, .when(configuration: .release))
        ]
    }
}

/// The commit for `siam --version`: named by what builds for users, since a new commit would rebuild for all others.
let commit = ProcessInfo.processInfo.environment["SIAM_COMMIT"] ?? ""

/// One target of the house. A target imports only what stands above it in this list; the comment above it is its line in
/// the picture of the house, which scripts/house draws from this file.
func room(
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
        room("SiamTensor", ["CKernels"], share: .most),
        // The table of operators with their gradients; the tape.
        room("SiamGradient", ["SiamTensor"], share: .most),
        // Parameters, initialisers, optimizers, schedules.
        room("SiamLearning", ["SiamGradient", "SiamTensor"], share: .most),
        // Data sets, samplers, augmentations; whole files.
        room("SiamData", ["CCodecs", "SiamTensor"], share: .most),
        // Readers and writers of files: tables, arrays, pictures, archives.
        room("SiamFormats", ["CCodecs", "SiamData", "SiamTensor"], share: .some),
        // ONNX models, read and written; logs for TensorBoard.
        room("SiamExchange", ["SiamFormats", "SiamData", "SiamTensor"]),
        // Text to tree: lexer, parser, diagnostics, formatter, checks.
        room("SiamLanguage", []),
        // Values; the loop over instructions, calls, nets applied.
        room(
            "SiamInterpreter",
            ["SiamLanguage", "SiamData", "SiamLearning", "SiamGradient", "SiamTensor", "CKernels"], share: .most),
        // Compiler, training, sessions that run programs; the library in siam.
        room(
            "SiamRuntime",
            [
                "SiamInterpreter", "SiamLanguage", "SiamExchange", "SiamFormats", "SiamData", "SiamLearning",
                "SiamGradient",
                "SiamTensor", "CKernels", "CPrelude",
            ], exclude: ["Prelude"], share: .most),
        // Measures of nets and embeddings; which pairs of a batch to learn from.
        room(
            "SiamMeasures",
            [
                "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats", "SiamData", "SiamGradient",
                "SiamTensor",
            ], share: .most),
        // The other functions of the language that are written in Swift.
        room(
            "SiamBuiltins",
            [
                "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamExchange", "SiamFormats", "SiamData",
                "SiamLearning",
                "SiamGradient", "SiamTensor",
            ], share: .some),
        // Shapes of a program without running it: what siam check and editors find.
        room(
            "SiamShapes",
            ["SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats", "SiamData", "SiamGradient", "SiamTensor"]),
        // Looking inside nets and runs; the doctor and its rules.
        room(
            "SiamLab",
            [
                "SiamMeasures", "SiamBuiltins", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats",
                "SiamData",
                "SiamLearning",
                "SiamGradient", "SiamTensor",
            ]),
        // A folder of results that many workers share.
        room("SiamCluster", ["SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamData", "SiamTensor"]),
        // Figures in the terminal, as SVG and PNG; the report of a run.
        room(
            "SiamFigures",
            [
                "SiamLab", "SiamMeasures", "SiamBuiltins", "SiamRuntime", "SiamInterpreter", "SiamLanguage",
                "SiamExchange", "SiamFormats", "SiamData",
                "SiamGradient", "SiamTensor",
            ]),
        // Lessons, tests that are programs, the reference.
        room(
            "SiamLessons",
            ["CLessons", "SiamFigures", "SiamLab", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
        // The prompt: editing, completion, history, commands.
        room(
            "SiamPrompt",
            [
                "CEditline", "CKernels", "CVersion", "SiamTensor", "SiamLessons", "SiamFigures", "SiamLab",
                "SiamRuntime", "SiamInterpreter", "SiamLanguage",
            ]),
        // Other front doors: notebooks, editors, assistants.
        room(
            "SiamDoors",
            [
                "CEditline", "CKernels", "SiamPrompt", "SiamLessons", "SiamFigures", "SiamLab", "SiamShapes",
                "SiamRuntime", "SiamInterpreter", "SiamFormats", "SiamData", "SiamLanguage", "SiamTensor",
            ]),
        // The command line.
        .executableTarget(
            name: "siam",
            dependencies: [
                "CEditline", "SiamDoors", "SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamCluster",
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
            ["SiamFigures", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamFormats", "SiamData", "SiamTensor"]),
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
                "SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamRuntime", "SiamInterpreter", "SiamLanguage",
                "siam",
            ]),
        tests(
            "SiamDoorsTests",
            [
                "SiamDoors", "SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamShapes", "SiamRuntime",
                "SiamInterpreter",
                "SiamFormats", "SiamData", "SiamLanguage",
            ]),
        tests("SiamMetricTests", ["SiamLessons", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
        tests("SiamLessonsTests", ["SiamLessons", "SiamRuntime", "SiamInterpreter", "SiamLanguage", "SiamTensor"]),
        tests(
            "SiamTrainingTests",
            [
                "SiamLessons", "SiamLab", "SiamRuntime", "SiamInterpreter", "SiamLearning", "SiamGradient",
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
